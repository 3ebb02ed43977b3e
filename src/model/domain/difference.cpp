#include "model/domain/difference.h"

#include "model/domain/grammar.h"
#include "model/domain/print.h"

#include <algorithm>

namespace diffo::model {
namespace {

using What = ModelChange::What;
using Path = std::vector<std::string>;

struct Judgement {
  Impact impact = Impact::none;
  std::string why{};
};

Judgement incompatible(std::string why) {
  return {Impact::incompatible, std::move(why)};
}

bool is_one_of(std::string_view word, std::string_view words) {
  return grammar::index_of(word, words) >= 0;
}

/// Whether a bound became tighter: a missing one allows everything.
bool is_tighter_bound(const ModelChange& change, bool lower) {
  if (change.what == What::removed)
    return false;
  if (change.what == What::added || !change.now.is_number() || !change.before.is_number())
    return true;
  const int order = json::compare_numbers(change.now, change.before);
  return lower ? order > 0 : order < 0;
}

/// Whether a list of what is allowed lost something.
bool lost_something(const ModelChange& change) {
  if (change.what == What::removed)
    return false;
  if (change.what == What::added || !change.before.is_array() || !change.now.is_array())
    return true;
  const json::Array& now = change.now.array();
  return std::any_of(change.before.array().begin(), change.before.array().end(),
                     [&now](const json::Value& one) {
                       return std::find(now.begin(), now.end(), one) == now.end();
                     });
}

bool is_true(const json::Value& value) {
  return value.if_boolean() != nullptr && value.boolean();
}

/// A part of a field's declaration.
Judgement judge_field_part(const std::string& part, const ModelChange& change) {
  const bool widened = change.before.is_string() && change.now.is_string() &&
                       change.before.string() == "integer" && change.now.string() == "number";
  if (part == "type" && !widened)
    return incompatible("values of the other type may be there");
  if (part == "as")
    return incompatible("documents have it under its other name");
  if (is_one_of(part, "min min_length") && is_tighter_bound(change, true))
    return incompatible("lesser ones may be there");
  if (is_one_of(part, "max max_length") && is_tighter_bound(change, false))
    return incompatible("greater ones may be there");
  if (part == "pattern" && change.what != What::removed)
    return incompatible("texts that do not match may be there");
  if (part == "one_of" && lost_something(change))
    return incompatible("other values may be there");
  if (part == "required" && is_true(change.now))
    return incompatible("instances may be without it");
  return {};
}

Judgement judge_field(const Path& path, std::size_t at, const ModelChange& change) {
  if (path.size() > at + 1)
    return judge_field_part(path[at + 1], change);
  if (change.what == What::removed)
    return incompatible("instances may have a value of it");
  const json::Value* required = change.now.find("required");
  if (required != nullptr && is_true(*required) && change.now.find("default") == nullptr)
    return incompatible("instances are without it");
  return {Impact::additional, {}};
}

Judgement judge_role(const Path& path, const ModelChange& change) {
  if (path.size() == 4) {
    if (change.what == What::removed)
      return incompatible("instances may have somebody in that role");
    const json::Value* min = change.now.find("min");
    return min != nullptr && min->as_double() > 0 ? incompatible("instances have nobody in it")
                                                  : Judgement{Impact::additional, {}};
  }
  const std::string& part = path[4];
  if (part == "type" && change.what != What::removed)
    return incompatible("others may be in that role");
  if ((part == "min" && is_tighter_bound(change, true)) ||
      (part == "max" && is_tighter_bound(change, false)) ||
      (part == "many" && change.what == What::removed))
    return incompatible("instances may have fewer or more");
  return {};
}

Judgement judge_pool(const Path& path, const ModelChange& change) {
  if (path.size() == 4)
    return change.what == What::removed ? incompatible("units of it may be handed out")
                                        : Judgement{Impact::additional, {}};
  if (is_one_of(path[4], "thing units block prefix_length"))
    return incompatible("units may be handed out that were cut otherwise");
  if (path[4] == "except" && change.what != What::removed)
    return incompatible("what is excepted now may be handed out");
  return {};
}

Judgement judge_specification(const Path& path, const ModelChange& change) {
  if (path.size() == 3)
    return change.what == What::removed ? incompatible("instances have that specification")
                                        : Judgement{Impact::additional, {}};
  if (is_one_of(path[3], "id name type major_version"))
    return incompatible("instances have the specification they were made with; another one is "
                        "another kind");
  return {};
}

/// Of a path that begins with `kinds`, the name of the kind.
Judgement judge(const Path& path, const ModelChange& change) {
  if (path.size() < 2 || path[0] != "kinds")
    return {};
  if (path.size() == 2)
    return change.what == What::removed ? incompatible("instances of it may be there")
                                        : Judgement{Impact::additional, {}};
  const std::string& section = path[2];
  if (is_one_of(section, "base half"))
    return incompatible("instances are of the other");
  if (section == "specification")
    return judge_specification(path, change);
  if (path.size() == 3)
    return {};
  if (is_one_of(section, "attributes fields characteristics"))
    return judge_field(path, 3, change);
  if (section == "features") {
    if (path.size() > 5 && path[4] == "characteristics")
      return judge_field(path, 5, change);
    if (path.size() == 4)
      return change.what == What::removed ? incompatible("instances may have it")
                                          : Judgement{Impact::additional, {}};
    return {};
  }
  if (section == "pools")
    return judge_pool(path, change);
  if (is_one_of(section, "parties places party_roles place_roles instance_roles"))
    return judge_role(path, change);
  if (section == "value")
    return incompatible("documents have the other form");
  return change.what == What::added && path.size() == 4 ? Judgement{Impact::additional, {}}
                                                        : Judgement{};
}

/// Compares documents member by member.
class Comparison {
public:
  explicit Comparison(const DomainModel& now) {
    for (const Domain& domain : now.domains)
      for (const Migration& migration : domain.migrations) {
        for (const auto& [path, to] : migration.rename)
          mention(path);
        for (const std::string& path : migration.drop)
          mention(path);
        for (const auto& [path, value] : migration.set)
          mention(path);
      }
  }

  void compare(const json::Value* before, const json::Value* now, const Path& path) {
    if (before != nullptr && now != nullptr && *before == *now)
      return;
    const bool objects =
        before != nullptr && now != nullptr && before->is_object() && now->is_object();
    // Sections that are there only once are told by what they hold.
    const bool whole = path.size() == 3 && path[0] == "kinds" && path[2] != "specification";
    const bool section = whole && ((before == nullptr && now->is_object()) ||
                                   (now == nullptr && before->is_object()));
    if (objects || section)
      return compare_members(before, now, path);
    ModelChange change;
    change.what = before == nullptr ? What::added : now == nullptr ? What::removed : What::changed;
    for (const std::string& name : path)
      change.path += (change.path.empty() ? "" : ".") + name;
    if (before != nullptr)
      change.before = *before;
    if (now != nullptr)
      change.now = *now;
    Judgement judgement = judge(path, change);
    if (judgement.impact == Impact::incompatible && path.size() > 3 && is_mentioned(path))
      judgement = {Impact::additional, {}};
    change.impact = judgement.impact;
    change.why = std::move(judgement.why);
    changes.push_back(std::move(change));
  }

  std::vector<ModelChange> changes;

private:
  void mention(const std::string& path) { mentioned_.push_back(path); }

  /// Whether a migration deals with the attribute, characteristic or field that the path leads to.
  [[nodiscard]] bool is_mentioned(const Path& path) const {
    const std::string& name = path[3];
    return std::any_of(mentioned_.begin(), mentioned_.end(), [&name](const std::string& one) {
      return one == name || one.ends_with('.' + name);
    });
  }

  void compare_members(const json::Value* before, const json::Value* now, const Path& path) {
    const auto below = [&path](const std::string& name) {
      Path longer = path;
      longer.push_back(name);
      return longer;
    };
    if (now != nullptr)
      for (const auto& [name, member] : now->object())
        compare(before == nullptr ? nullptr : before->find(name), &member, below(name));
    if (before != nullptr)
      for (const auto& [name, member] : before->object())
        if (now == nullptr || now->find(name) == nullptr)
          compare(&member, nullptr, below(name));
  }

  std::vector<std::string> mentioned_;
};

/// All kinds together: that one stands in another domain now is no difference to its instances.
json::Value document_of(const DomainModel& model) {
  json::Object kinds;
  json::Object tables;
  for (const Domain& domain : model.domains) {
    const json::Value document = to_json(domain);
    if (const json::Value* found = document.find("kinds"))
      for (const auto& [name, kind] : found->object())
        kinds.set(name, kind);
    if (const json::Value* found = document.find("tables"))
      for (const auto& [name, table] : found->object())
        tables.set(name, table);
  }
  json::Object out;
  out.set("kinds", std::move(kinds));
  out.set("tables", std::move(tables));
  return out;
}

} // namespace

std::vector<ModelChange> difference(const DomainModel& before, const DomainModel& now) {
  const json::Value old_document = document_of(before);
  const json::Value new_document = document_of(now);
  Comparison comparison(now);
  comparison.compare(&old_document, &new_document, {});
  return std::move(comparison.changes);
}

} // namespace diffo::model
