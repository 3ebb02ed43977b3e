#include "loop/expectation_document.h"

#include "base/calendar.h"
#include "base/dates.h"
#include "base/time.h"
#include "model/model.h"

#include <array>
#include <utility>

namespace diffo::loop {
namespace {

using Problems = std::vector<Error>;

void add(Problems& problems, std::string path, std::string message) {
  problems.push_back({ErrorCode::invalid, std::move(message), std::move(path)});
}

/// The text member of that name, empty when absent; anything else is a problem.
std::string text_member(const json::Value& object, std::string_view name, const std::string& path,
                        Problems& problems) {
  const json::Value* value = object.find(name);
  if (value == nullptr)
    return {};
  if (const std::string* text = value->if_string())
    return *text;
  add(problems, path + '/' + std::string(name), "must be a text");
  return {};
}

/// The member as one of the named values; the first where it is absent.
template <typename Choice, std::size_t Count>
Choice choice_member(const json::Value& document, std::string_view name,
                     const std::array<std::pair<Choice, std::string_view>, Count>& choices,
                     Problems& problems) {
  const std::string text = text_member(document, name, "", problems);
  std::string allowed;
  for (const auto& [choice, word] : choices) {
    if (text == word)
      return choice;
    allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  }
  if (!text.empty())
    add(problems, '/' + std::string(name), "must be one of " + allowed);
  return choices.front().first;
}

constexpr std::array<std::pair<Side, std::string_view>, 2> sides{
    {{Side::consumer, "consumer"}, {Side::provider, "provider"}}};
constexpr std::array<std::pair<Mode, std::string_view>, 3> modes{
    {{Mode::observe, "observe"}, {Mode::propose, "propose"}, {Mode::act, "act"}}};

std::optional<std::int64_t> instant_member(const json::Value& object, std::string_view name,
                                           Problems& problems) {
  const std::string text = text_member(object, name, "/validFor", problems);
  if (text.empty())
    return std::nullopt;
  const auto instants = parse_instants(text);
  if (!instants) {
    add(problems, "/validFor/" + std::string(name), "must be a date or a date-time");
    return std::nullopt;
  }
  return instants->from;
}

/// A period: `15m` (base/time.h), or in the form of ISO 8601 without years and months, whose length
/// depends on when they are.
std::optional<std::int64_t> period_of(const std::string& text) {
  constexpr std::int64_t longest = std::int64_t{36525} * 86400;
  if (const auto seconds = parse_period(text))
    return static_cast<std::int64_t>(*seconds) * 1'000'000;
  const auto duration = parse_duration(text);
  if (!duration || duration->years != 0 || duration->months != 0)
    return std::nullopt;
  std::int64_t seconds = 0;
  for (const auto& [count, unit] : {std::pair{duration->weeks, std::int64_t{7} * 86400},
                                    {duration->days, 86400},
                                    {duration->hours, 3600},
                                    {duration->minutes, 60},
                                    {duration->seconds, 1}}) {
    if (count < 0 || count > longest / unit)
      return std::nullopt;
    seconds += count * unit;
  }
  return seconds * 1'000'000 + duration->microseconds;
}

std::optional<std::int64_t> fresh_member(const json::Value& document, Problems& problems) {
  if (document.find("freshWithin") == nullptr)
    return std::nullopt;
  const auto period = period_of(text_member(document, "freshWithin", "", problems));
  if (!period || *period <= 0) {
    add(problems, "/freshWithin",
        "must be a period such as 15m, 2h or PT90S, without years and months");
    return std::nullopt;
  }
  return period;
}

void check_members(const json::Value& object, std::initializer_list<std::string_view> known,
                   const std::string& path, Problems& problems) {
  for (const auto& [name, value] : object.object()) {
    bool found = false;
    for (const std::string_view one : known)
      found = found || name == one;
    if (!found)
      add(problems, std::string(path).append("/").append(name), "is not a member of a target");
  }
}

Result<Hop> parse_hop_text(std::string_view text, const std::string& path) {
  Hop hop;
  hop.mechanism = Hop::Mechanism::assignment;
  hop.forward = false;
  const std::string_view arrow = text.substr(0, 2);
  if (arrow == "->" || arrow == "<-") {
    hop.mechanism = Hop::Mechanism::relationship;
    hop.forward = arrow == "->";
    text.remove_prefix(2);
    const std::size_t colon = text.find(':');
    hop.type = text.substr(0, colon);
    if (colon != std::string_view::npos)
      hop.alias = text.substr(colon + 1);
    if (hop.type.empty() && hop.alias.empty())
      return Error{ErrorCode::invalid, "a relationship hop names a type or an alias", path};
    return hop;
  }
  if (arrow == "=>" || arrow == "<=") {
    hop.forward = arrow == "=>";
    text.remove_prefix(2);
  }
  if (text.empty())
    return Error{ErrorCode::invalid, "an assignment hop names an alias", path};
  hop.alias = text;
  return hop;
}

/// `{forward|reverse: {relationship: type | {type, alias}}}` or `{forward|reverse: {assignment:
/// alias}}`.
Result<Hop> parse_hop_object(const json::Value& value, const std::string& path) {
  Hop hop;
  const json::Value* how = value.find("forward");
  if (how == nullptr) {
    how = value.find("reverse");
    hop.forward = false;
  }
  if (how == nullptr || !how->is_object())
    return Error{ErrorCode::invalid, "a hop has a direction: forward or reverse", path};
  if (const json::Value* assignment = how->find("assignment")) {
    hop.mechanism = Hop::Mechanism::assignment;
    hop.alias = assignment->is_string() ? assignment->string() : "";
    if (hop.alias.empty())
      return Error{ErrorCode::invalid, "an assignment hop names an alias", path};
    return hop;
  }
  const json::Value* relationship = how->find("relationship");
  if (relationship == nullptr)
    return Error{ErrorCode::invalid, "a hop goes over an assignment or a relationship", path};
  if (relationship->is_string()) {
    hop.type = relationship->string();
  } else {
    hop.type = relationship->text_of("type");
    hop.alias = relationship->text_of("alias");
  }
  if (hop.type.empty() && hop.alias.empty())
    return Error{ErrorCode::invalid, "a relationship hop names a type or an alias", path};
  return hop;
}

ExpectationTarget hops_target(const json::Value& target, Problems& problems) {
  TargetByHops hops;
  hops.of = text_member(target, "of", "/target", problems);
  check_members(target, {"of", "via"}, "/target", problems);
  const json::Value* via = target.find("via");
  if (via == nullptr || !via->is_array()) {
    add(problems, "/target/via", "must be a list of hops");
    return hops;
  }
  constexpr std::size_t most_hops = 32;
  if (via->array().size() > most_hops)
    add(problems, "/target/via", "has more than 32 hops");
  for (std::size_t index = 0; index < via->array().size(); ++index) {
    auto hop = Hop::parse(via->array()[index], "/target/via/" + std::to_string(index));
    if (hop)
      hops.via.push_back(std::move(*hop));
    else
      problems.push_back(std::move(hop).error());
  }
  return hops;
}

std::string family_member(const json::Value& target, Problems& problems) {
  std::string family = text_member(target, "family", "/target", problems);
  if (!family.empty() && family != "service" && family != "resource")
    add(problems, "/target/family", "must be service or resource");
  return family;
}

ExpectationTarget parse_target(const json::Value* target, bool optional, Problems& problems) {
  if (target == nullptr || !target->is_object()) {
    if (target != nullptr || !optional)
      add(problems, "/target",
          "is mandatory: {\"id\"}, {\"filter\"}, {\"of\", \"via\"} or {\"kind\", \"key\"}");
    return TargetById{};
  }
  if (target->find("of") != nullptr)
    return hops_target(*target, problems);
  if (target->find("filter") != nullptr) {
    check_members(*target, {"filter", "family"}, "/target", problems);
    const std::string family = family_member(*target, problems);
    return TargetByFilter{text_member(*target, "filter", "/target", problems),
                          family == "resource"};
  }
  if (target->find("kind") != nullptr) {
    check_members(*target, {"kind", "key"}, "/target", problems);
    const json::Value* key = target->find("key");
    if (key == nullptr || !key->is_object() || key->object().empty())
      add(problems, "/target/key", "must be an object of the attributes that identify it");
    return TargetByKey{text_member(*target, "kind", "/target", problems),
                       key != nullptr ? *key : json::Value()};
  }
  check_members(*target, {"id", "family"}, "/target", problems);
  TargetById by_id{text_member(*target, "id", "/target", problems),
                   family_member(*target, problems)};
  if (by_id.id.empty())
    add(problems, "/target/id", "must name an instance");
  return by_id;
}

std::optional<outstanding::Expectation> compiled_expect(const json::Value& document,
                                                        std::optional<outstanding::Profile> profile,
                                                        const graph::Schema& schema,
                                                        Problems& problems) {
  const json::Value* expect = document.find("expect");
  if (expect == nullptr) {
    add(problems, "/expect", "is mandatory: what is expected, as a partial document");
    return std::nullopt;
  }
  if (!profile)
    return std::nullopt; // which is a problem already
  auto made = outstanding::Expectation::compile(
      *expect, {.profile = *profile, .shapes = &model::model_of(schema).document_shapes()});
  if (made)
    return *std::move(made);
  Error problem = std::move(made).error();
  problem.path = "/expect" + problem.path;
  problems.push_back(std::move(problem));
  return std::nullopt;
}

} // namespace

graph::Key TargetById::key(graph::Tenant tenant) const {
  return {tenant, family == "resource" ? model::family_resource : model::family_service, id};
}

std::string_view name_of(Side side) {
  return side == Side::consumer ? sides[0].second : sides[1].second;
}

std::string_view name_of(Mode mode) {
  return modes[static_cast<std::size_t>(mode)].second;
}

Result<Hop> Hop::parse(const json::Value& value, const std::string& path) {
  if (const std::string* text = value.if_string())
    return parse_hop_text(*text, path);
  if (value.is_object())
    return parse_hop_object(value, path);
  return Error{ErrorCode::invalid, "a hop is a text such as \"->contains\" or an object", path};
}

Result<ExpectationDocument> ExpectationDocument::parse(json::Value document,
                                                       const graph::Schema& schema,
                                                       const ParseOptions& options) {
  if (!document.is_object())
    return Error{ErrorCode::invalid, "an expectation is a JSON object"};
  Problems problems;
  std::string name = text_member(document, "name", "", problems);
  std::string owner = text_member(document, "owner", "", problems);
  std::string executor = text_member(document, "executor", "", problems);
  std::string profile_name = text_member(document, "profile", "", problems);
  const auto profile = outstanding::profile_of(profile_name.empty() ? "v5" : profile_name);
  if (!profile)
    add(problems, "/profile", "must be v5, v4, diffo or reference");
  const Side side = choice_member(document, "side", sides, problems);
  const Mode mode = choice_member(document, "mode", modes, problems);
  const json::Value* given_priority = document.find("priority");
  const std::int64_t* priority = given_priority ? given_priority->if_integer() : nullptr;
  if (given_priority != nullptr && priority == nullptr)
    add(problems, "/priority", "must be a whole number");
  std::optional<std::int64_t> from, until;
  if (const json::Value* valid_for = document.find("validFor"); valid_for != nullptr) {
    if (valid_for->is_object()) {
      from = instant_member(*valid_for, "startDateTime", problems);
      until = instant_member(*valid_for, "endDateTime", problems);
    } else {
      add(problems, "/validFor", "must be an object with startDateTime and endDateTime");
    }
  }
  const auto fresh_within = fresh_member(document, problems);
  ExpectationTarget target =
      parse_target(document.find("target"), options.target_optional, problems);
  std::optional<outstanding::Expectation> compiled;
  if (options.compiled != nullptr)
    compiled = *options.compiled;
  else
    compiled = compiled_expect(document, profile, schema, problems);
  if (problems.size() == 1)
    return std::move(problems.front());
  if (!problems.empty())
    return Error{
        ErrorCode::invalid, "the expectation has several problems", {}, std::move(problems)};
  return ExpectationDocument{std::move(document),
                             std::move(name),
                             std::move(owner),
                             side,
                             mode,
                             std::move(executor),
                             priority != nullptr ? *priority : 0,
                             from,
                             until,
                             std::move(target),
                             *profile,
                             std::move(*compiled),
                             fresh_within};
}

} // namespace diffo::loop
