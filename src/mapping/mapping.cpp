#include "mapping/mapping.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace diffo::mapping {
namespace {

constexpr std::size_t most_rules = 1'000;

Error wrong(std::string message, std::string path) {
  return {ErrorCode::invalid, std::move(message), std::move(path)};
}

Result<void> check_members(const json::Value& value, std::string_view what,
                           std::initializer_list<std::string_view> known, const std::string& path) {
  if (!value.is_object())
    return wrong(std::string(what) + " is an object", path);
  for (const auto& [name, member] : value.object())
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string pointer = path;
      json::append_token(pointer, name);
      return wrong(std::string(what) + " has no " + name, std::move(pointer));
    }
  return {};
}

Result<std::vector<JsonPath>> paths_of(const json::Value* from, const std::string& path) {
  const json::Array one = from != nullptr && from->is_string() ? json::Array{*from} : json::Array();
  const json::Array* list = from != nullptr && from->is_array() ? &from->array() : &one;
  std::vector<JsonPath> paths;
  for (const json::Value& item : *list) {
    if (!item.is_string())
      return wrong("a path is a text", path);
    auto parsed = JsonPath::parse(item.string());
    if (!parsed)
      return Error{parsed.error().code, parsed.error().message, path};
    paths.push_back(std::move(*parsed));
  }
  if (paths.empty())
    return wrong("a rule needs a path, or a list of paths, in from", path);
  return paths;
}

Result<std::optional<PathCondition>> condition_of(const json::Value& value,
                                                  const std::string& path) {
  const json::Value* when = value.find("when");
  if (when == nullptr)
    return std::optional<PathCondition>();
  auto condition = PathCondition::parse(when->is_string() ? when->string() : "");
  if (!condition)
    return Error{condition.error().code, condition.error().message, path + "/when"};
  return std::optional(std::move(*condition));
}

Result<Rule::Absent> absent_of(const json::Value& value, const std::string& path,
                               const Names& names) {
  const json::Value* address = value.is_object() ? value.find("address") : &value;
  if (value.is_object())
    TRY(check_members(value, "an item of absent", {"address", "when"}, path));
  if (address == nullptr || !address->is_string())
    return wrong("an item of absent is an address, or an object with address and when", path);
  Rule::Absent absent{TRY(Shape::of(*address, path, names))};
  absent.when = TRY(condition_of(value, path));
  return absent;
}

Result<Rule> rule_of(const json::Value& value, const std::string& path, const Names& names) {
  TRY(check_members(value, "a rule",
                    {"name", "description", "from", "when", "match", "set", "absent", "create"},
                    path));
  const json::Value* match = value.find("match");
  if (match == nullptr || !match->is_object())
    return wrong("a rule needs an object match", path + "/match");
  Rule rule{.name = std::string(value.text_of("name")),
            .from = TRY(paths_of(value.find("from"), path + "/from")),
            .when = TRY(condition_of(value, path)),
            .match = TRY(Shape::of(*match, path + "/match", names))};
  if (const json::Value* set = value.find("set")) {
    if (!set->is_object())
      return wrong("set is an object", path + "/set");
    rule.set = TRY(Shape::of(*set, path + "/set", names));
  }
  if (const json::Value* create = value.find("create"))
    rule.create = TRY(Shape::of(*create, path + "/create", names));
  if (const json::Value* absent = value.find("absent")) {
    if (!absent->is_array())
      return wrong("absent is a list", path + "/absent");
    for (const json::Value& item : absent->array())
      rule.absent.push_back(
          TRY(absent_of(item, path + "/absent/" + std::to_string(rule.absent.size()), names)));
  }
  return rule;
}

/// `create` may come from a parameter, which is a text.
Result<bool> truth_of(const json::Value& value) {
  if (const bool* truth = value.if_boolean())
    return *truth;
  if (const std::string* text = value.if_string(); text != nullptr && *text == "true")
    return true;
  else if (text != nullptr && *text == "false")
    return false;
  return Error{ErrorCode::unprocessable, "is neither true nor false", "/create"};
}

} // namespace

Result<Mapping> Mapping::of(const json::Value& document) {
  Mapping mapping;
  const bool is_list = document.is_array();
  const bool is_rule = !is_list && document.find("rules") == nullptr;
  if (!is_list && !document.is_object())
    return wrong("a mapping is a rule, a list of rules, or an object with rules", "");
  if (!is_list) {
    mapping.name_ = document.text_of("name");
    mapping.description_ = document.text_of("description");
  }
  if (!is_list && !is_rule) {
    TRY(check_members(document, "a mapping",
                      {"name", "description", "parameters", "tables", "rules"}, ""));
    TRY(mapping.read_parameters(document));
    TRY(mapping.read_tables(document));
  }
  const json::Array alone = is_rule ? json::Array{document} : json::Array();
  const json::Value* listed = is_list ? &document : document.find("rules");
  if (!is_rule && !listed->is_array())
    return wrong("rules is a list", "/rules");
  const json::Array& rules = is_rule ? alone : listed->array();
  if (rules.empty() || rules.size() > most_rules)
    return wrong("a mapping has 1 to 1000 rules", is_list ? "" : "/rules");
  std::vector<Error> problems;
  for (std::size_t at = 0; at < rules.size(); ++at) {
    const std::string path =
        (is_list || is_rule ? "" : "/rules") + (is_rule ? std::string() : '/' + std::to_string(at));
    auto rule = rule_of(rules[at], path, {&mapping.defaults_, &mapping.tables_});
    if (!rule) {
      problems.push_back(rule.error());
      continue;
    }
    if (rule->name.empty())
      rule->name = "rule " + std::to_string(at + 1);
    mapping.rules_.push_back(std::move(*rule));
  }
  if (!problems.empty())
    return joined(std::move(problems));
  return mapping;
}

Result<void> Mapping::read_parameters(const json::Value& document) {
  const json::Value* parameters = document.find("parameters");
  if (parameters == nullptr)
    return {};
  if (!parameters->is_object())
    return wrong("parameters is an object", "/parameters");
  for (const auto& [name, parameter] : parameters->object()) {
    std::string path = "/parameters";
    json::append_token(path, name);
    TRY(check_members(parameter, "a parameter", {"about", "default"}, path));
    const json::Value* fallback = parameter.find("default");
    parameters_.push_back({name, std::string(parameter.text_of("about")), fallback == nullptr});
    defaults_.append(name, fallback != nullptr ? *fallback : json::Value());
  }
  return {};
}

Result<void> Mapping::read_tables(const json::Value& document) {
  const json::Value* tables = document.find("tables");
  if (tables == nullptr)
    return {};
  if (!tables->is_object())
    return wrong("tables is an object", "/tables");
  for (const auto& [name, table] : tables->object())
    if (!table.is_object())
      return wrong("a table is an object", "/tables");
  tables_ = tables->object();
  return {};
}

Result<json::Object> Mapping::values_of(const json::Object& given) const {
  json::Object values = defaults_;
  for (const auto& [name, value] : given) {
    if (!values.contains(name))
      return wrong("mapping " + name_ + " has no parameter " + name, "");
    values.set(name, value);
  }
  for (const Parameter& parameter : parameters_)
    if (parameter.is_needed && !given.contains(parameter.name))
      return wrong("mapping " + name_ + " needs parameter " + parameter.name +
                       (parameter.about.empty() ? "" : " (" + parameter.about + ")"),
                   "");
  return values;
}

Run::Run(const Mapping& mapping, std::span<const Document> documents, json::Object parameters,
         const MappingLimits& limits)
    : mapping_(mapping), documents_(documents), parameters_(std::move(parameters)), limits_(limits),
      budget_(limits.max_steps) {}

double Run::progress() const {
  const std::size_t all = mapping_.rules().size() * documents_.size();
  if (all == 0 || rule_ >= mapping_.rules().size())
    return 1;
  const double within =
      nodes_.empty() ? 0 : static_cast<double>(node_) / static_cast<double>(nodes_.size());
  return (static_cast<double>(rule_ * documents_.size() + document_) + within) /
         static_cast<double>(all);
}

/// Goes to the next path that finds something; false at the end.
Result<bool> Run::find_more() {
  while (rule_ < mapping_.rules().size()) {
    const Rule& rule = mapping_.rules()[rule_];
    if (document_ < documents_.size() && from_ < rule.from.size()) {
      const json::Value* root = &documents_[document_].value;
      nodes_ = TRY(rule.from[from_++].select({root, root}, budget_));
      node_ = 0;
      if (!nodes_.empty())
        return true;
      continue;
    }
    from_ = 0;
    if (++document_ >= documents_.size()) {
      document_ = 0;
      ++rule_;
    }
  }
  return false;
}

Result<std::optional<json::Value>> Run::next() {
  while (true) {
    if (node_ >= nodes_.size() && !TRY(find_more()))
      return std::optional<json::Value>();
    const Rule& rule = mapping_.rules()[rule_];
    if (!TRY(is_meant(rule))) {
      ++node_;
      continue;
    }
    auto item = item_of(rule);
    const std::size_t at = node_++;
    if (item) {
      ++item_count_;
      return std::optional(std::move(*item));
    }
    if (item.error().code == ErrorCode::too_large)
      return item.error();
    if (++problem_count_ <= limits_.max_problems)
      problems_.push_back(
          {rule.name, documents_[document_].name, nodes_.path_to(at), item.error().text()});
  }
}

Result<bool> Run::is_meant(const Rule& rule) {
  if (!rule.when)
    return true;
  return rule.when->holds({&documents_[document_].value, &nodes_[node_]}, budget_);
}

Result<json::Value> Run::item_of(const Rule& rule) {
  Scope scope;
  scope.roots = {&documents_[document_].value, &nodes_[node_]};
  if (const auto way = nodes_.way_to(node_); !way.empty())
    scope.key = way.back().name != nullptr
                    ? json::Value(*way.back().name)
                    : json::Value(static_cast<std::int64_t>(way.back().index));
  scope.parameters = &parameters_;
  scope.tables = &mapping_.tables();
  return filled(rule, scope);
}

Result<json::Value> Run::filled(const Rule& rule, const Scope& scope) {
  json::Object item;
  std::string lacking;
  Filled match = TRY(rule.match.fill(scope, budget_, lacking));
  // Half of what it is to be found by would find something else.
  if (!match || !lacking.empty())
    return Error{ErrorCode::unprocessable, "there is nothing to match it by", lacking};
  item.append("match", std::move(*match));
  if (rule.set) {
    Filled set = TRY(rule.set->fill(scope, budget_, lacking));
    if (set)
      item.append("set", std::move(*set));
  }
  json::Array absent;
  for (const Rule::Absent& one : rule.absent) {
    if (one.when && !TRY(one.when->holds(scope.roots, budget_)))
      continue;
    if (Filled address = TRY(one.address.fill(scope, budget_, lacking)))
      absent.push_back(std::move(*address));
  }
  if (!absent.empty())
    item.append("absent", std::move(absent));
  if (rule.create)
    if (const Filled create = TRY(rule.create->fill(scope, budget_, lacking)))
      if (TRY(truth_of(*create)))
        item.append("create", true);
  return json::Value(std::move(item));
}

} // namespace diffo::mapping
