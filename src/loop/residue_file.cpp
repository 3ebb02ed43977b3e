// What stands, as it survives a restart: docs/formats/residues.md.
#include "base/checksum.h"
#include "base/sha256.h"
#include "loop/residue_keeper.h"

#include <algorithm>
#include <utility>

namespace diffo::loop {
namespace {

using json::Value;

constexpr std::string_view format_name = "diffo residues";
constexpr std::int64_t format_version = 5;

Value key_value(const graph::Key& key) {
  return json::Array{Value(static_cast<std::int64_t>(key.tenant)),
                     Value(static_cast<std::int64_t>(key.family)), Value(key.id)};
}

Value keys_value(const std::vector<graph::Key>& keys) {
  json::Array values;
  for (const graph::Key& key : keys)
    values.push_back(key_value(key));
  return values;
}

Error damaged() {
  return {ErrorCode::corrupt, "what was outstanding cannot be read"};
}

Result<std::int64_t> number_in(const Value& value) {
  const std::int64_t* number = value.if_integer();
  if (number == nullptr)
    return damaged();
  return *number;
}

Result<graph::Key> key_in(const Value& value) {
  const json::Array* parts = value.if_array();
  if (parts == nullptr || parts->size() != 3 || !(*parts)[2].is_string())
    return damaged();
  const std::int64_t tenant = TRY(number_in((*parts)[0]));
  const std::int64_t family = TRY(number_in((*parts)[1]));
  if (tenant < 0 || tenant > UINT32_MAX || family < 0 || family > UINT8_MAX)
    return damaged();
  return graph::Key(static_cast<graph::Tenant>(tenant), static_cast<graph::Family>(family),
                    (*parts)[2].string());
}

Result<std::vector<graph::Key>> keys_in(const Value* value) {
  if (value == nullptr || !value->is_array())
    return damaged();
  std::vector<graph::Key> keys;
  for (const Value& one : value->array())
    keys.push_back(TRY(key_in(one)));
  return keys;
}

Value leaf_value(const StandingLeaf& leaf) {
  json::Array parts{
      Value(leaf.id.text()), Value(text_of(leaf.fingerprint)),           Value(leaf.address),
      Value(leaf.since),     Value(outstanding::name_of(leaf.category)), Value(leaf.closable)};
  if (leaf.overruled_by || leaf.contradicted_by)
    parts.push_back(leaf.overruled_by ? key_value(*leaf.overruled_by) : Value());
  if (leaf.contradicted_by)
    parts.push_back(key_value(*leaf.contradicted_by));
  return parts;
}

Result<StandingLeaf> leaf_in(const Value& value) {
  const json::Array* parts = value.if_array();
  constexpr std::size_t least = 6;
  if (parts == nullptr || parts->size() < least || !(*parts)[0].is_string() ||
      !(*parts)[1].is_string() || !(*parts)[2].is_string() || !(*parts)[4].is_string() ||
      !(*parts)[5].is_boolean())
    return damaged();
  const auto id = LeafId::parse((*parts)[0].string());
  const auto fingerprint = fingerprint_of((*parts)[1].string());
  const auto category = outstanding::category_of((*parts)[4].string());
  if (!id || !fingerprint || !category)
    return damaged();
  StandingLeaf leaf;
  leaf.id = *id;
  leaf.fingerprint = *fingerprint;
  leaf.address = (*parts)[2].string();
  leaf.since = TRY(number_in((*parts)[3]));
  leaf.category = *category;
  leaf.closable = (*parts)[5].boolean();
  if (parts->size() > least && !(*parts)[least].is_null())
    leaf.overruled_by = std::make_shared<const graph::Key>(TRY(key_in((*parts)[least])));
  if (parts->size() > least + 1)
    leaf.contradicted_by = std::make_shared<const graph::Key>(TRY(key_in((*parts)[least + 1])));
  return leaf;
}

Result<TargetResidues> residues_in(const Value& target, const Value& line) {
  TargetResidues one{.target = TRY(key_in(target)), .residues = {}};
  const Value* residues = line.find("residues");
  if (residues == nullptr || !residues->is_array())
    return damaged();
  for (const Value& value : residues->array()) {
    const Value* expectation = value.find("expectation");
    const Value* revision = value.find("revision");
    const Value* leaves = value.find("leaves");
    if (expectation == nullptr || revision == nullptr || leaves == nullptr || !leaves->is_array())
      return damaged();
    Residue residue{.expectation = TRY(key_in(*expectation)),
                    .target = one.target,
                    .revision = static_cast<graph::Sequence>(TRY(number_in(*revision))),
                    .leaves = {},
                    .error = std::string(value.text_of("error"))};
    for (const Value& leaf : leaves->array())
      residue.leaves.push_back(TRY(leaf_in(leaf)));
    one.residues.push_back(std::move(residue));
  }
  return one;
}

class Lines {
public:
  void add(const json::Object& line) {
    json::write(Value(line), text_);
    text_ += '\n';
  }
  std::string finish() {
    const std::string sum = std::to_string(crc32c(text_));
    add(json::Object{{"end", sum}});
    return std::move(text_);
  }

private:
  std::string text_;
};

/// The lines before the last, which says their checksum.
Result<std::string_view> checked(std::string_view saved) {
  if (!saved.ends_with('\n'))
    return damaged();
  const std::size_t last = saved.substr(0, saved.size() - 1).rfind('\n');
  if (last == std::string_view::npos)
    return damaged();
  const std::string_view lines = saved.substr(0, last + 1);
  const auto end = json::read(saved.substr(last + 1));
  if (!end || end->text_of("end") != std::to_string(crc32c(lines)))
    return damaged();
  return lines;
}

} // namespace

/// What tells the commit of that sequence from one of another inventory, as the journal chains
/// them; empty where there is none. Errors: those of the journal.
Result<std::string> ResidueKeeper::name_of_commit(graph::Sequence sequence) const {
  if (sequence == 0)
    return std::string();
  const auto entries = TRY(store_.journal(sequence, 1));
  if (entries.empty() || entries.front().sequence != sequence)
    return Error{ErrorCode::gone, "the journal no longer has the commit"};
  return hexadecimal(entries.front().hash);
}

std::string ResidueKeeper::save() const {
  const auto commit = name_of_commit(at_);
  Lines lines;
  lines.add(json::Object{{"format", format_name},
                         {"version", format_version},
                         {"sequence", static_cast<std::int64_t>(at_)},
                         {"commit", commit ? *commit : "unknown"}});
  index_.for_each([&](const TargetResidues& one) {
    json::Array residues;
    for (const Residue& residue : one.residues) {
      json::Object saved{{"expectation", key_value(residue.expectation)},
                         {"revision", static_cast<std::int64_t>(residue.revision)}};
      if (!residue.error.empty())
        saved.append("error", residue.error);
      json::Array leaves;
      for (const StandingLeaf& leaf : residue.leaves)
        leaves.push_back(leaf_value(leaf));
      saved.append("leaves", std::move(leaves));
      residues.emplace_back(std::move(saved));
    }
    lines.add(json::Object{{"target", key_value(one.target)}, {"residues", std::move(residues)}});
    return true;
  });
  for (const auto& [time, target] : flips_)
    lines.add(json::Object{{"flip", key_value(target)}, {"at", time}});
  for (const auto& [dependent, reads] : dependents_.all())
    lines.add(json::Object{{"reader", key_value(dependent.key)},
                           {"expectation", dependent.what == Dependent::What::expectation},
                           {"records", keys_value(reads.records)},
                           {"referred", keys_value(reads.referred)}});
  registry_->for_each_reached([&](const graph::Key& expectation,
                                  const std::vector<graph::Key>& targets) {
    lines.add(json::Object{{"reaches", key_value(expectation)}, {"targets", keys_value(targets)}});
  });
  return lines.finish();
}

Result<void> ResidueKeeper::resume_line(const Value& line) {
  if (const Value* target = line.find("target")) {
    put(TRY(residues_in(*target, line)));
  } else if (const Value* flip = line.find("flip")) {
    const Value* at = line.find("at");
    set_flip(TRY(key_in(*flip)),
             Timestamp{TRY(at != nullptr ? number_in(*at) : Result<std::int64_t>(damaged()))});
  } else if (const Value* reader = line.find("reader")) {
    const Value* expectation = line.find("expectation");
    if (expectation == nullptr || !expectation->is_boolean())
      return damaged();
    const auto what =
        expectation->boolean() ? Dependent::What::expectation : Dependent::What::target;
    dependents_.put(
        {what, TRY(key_in(*reader))},
        Dependents::Reads{TRY(keys_in(line.find("records"))), TRY(keys_in(line.find("referred")))});
  } else if (const Value* reaches = line.find("reaches")) {
    registry_->put_reached(TRY(key_in(*reaches)), TRY(keys_in(line.find("targets"))));
  } else {
    return damaged();
  }
  return {};
}

Result<graph::Sequence> ResidueKeeper::resume(std::string_view saved, graph::Sequence now_at) {
  std::string_view lines = TRY(checked(saved));
  const auto take_line = [&lines] {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    return json::read(line);
  };
  const Value head = TRY(take_line());
  const Value* version = head.find("version");
  const Value* sequence = head.find("sequence");
  if (head.text_of("format") != format_name || version == nullptr || sequence == nullptr)
    return damaged();
  if (*version != Value(format_version))
    return Error{ErrorCode::unsupported, "what was outstanding was written by another version"};
  const auto at = static_cast<graph::Sequence>(TRY(number_in(*sequence)));
  if (at > now_at || TRY(name_of_commit(at)) != head.text_of("commit"))
    return Error{ErrorCode::conflict, "what was outstanding was of another inventory"};
  at_ = now_at;
  TRY(read_standing(Look::at_nothing));
  while (!lines.empty())
    TRY(resume_line(TRY(take_line())));
  // What was not known may have been seen since.
  index_.for_each([this](const TargetResidues& one) {
    for (const Residue& residue : one.residues)
      for (const StandingLeaf& leaf : residue.leaves)
        if (leaf.address.empty() && leaf.category == outstanding::Category::unknown) {
          ask_sightings();
          touch(one.target, {});
        }
    return true;
  });
  if (!flips_.empty())
    ask_sightings();
  // An approval may have fallen without anybody having written it down.
  for (const auto& [target, leaves] : approved_at_)
    touch(target, {});
  return at;
}

} // namespace diffo::loop
