#include "terms/reference.h"

#include "base/pattern.h"
#include "terms/record_fields.h"
#include "terms/term_text.h"

#include <algorithm>
#include <array>

namespace diffo::terms {
namespace {

Term or_nil(std::optional<Term> value) {
  return value ? *std::move(value) : Term();
}
Term part(const Term& record, std::string_view name) {
  return or_nil(value_at(record, Term::atom(std::string(name))));
}
bool is_record(const Term& term, std::string_view type) {
  return term.kind() == TermKind::record && term.name() == type;
}

/// §1.3: the value fields of a Foo or a Bar, or an integer against the value; whole Foo against
/// anything else.
Result<Term> foo_rule(const Term& expected, const Term& actual, Comparison& comparison) {
  if (is_record(actual, "Foo") || is_record(actual, "Bar"))
    return comparison.difference(part(expected, "value"), part(actual, "value"));
  if (actual.kind() == TermKind::integer)
    return comparison.difference(part(expected, "value"), actual);
  return expected;
}

/// §8.4: only the values are compared.
Result<Term> union_rule(const Term& expected, const Term& actual, Comparison& comparison) {
  if (!is_record(actual, "Ash.Union"))
    return expected;
  Term value = TRY(comparison.difference(part(expected, "value"), part(actual, "value")));
  if (value.is_nil())
    return Term();
  Term tag = part(expected, "type");
  if (tag.is_atom("function") && value.is_atom())
    tag = Term::atom("atom");
  return Term::record("Ash.Union", {{"type", std::move(tag)}, {"value", std::move(value)}},
                      RecordForm::sparse);
}

/// §9.3: id and href against any record.
Result<Term> reference_rule(const Term& expected, const Term& actual, Comparison& comparison) {
  if (!actual.is_record_like())
    return expected;
  auto residue = TRY(comparison.fields_difference(
      {{"id", part(expected, "id")}, {"href", part(expected, "href")}}, actual));
  if (residue.empty())
    return Term();
  return Term::record("Diffo.Reference", std::move(residue), RecordForm::sparse);
}

/// §9.3: peels unions, primitives, dynamics and lists. Bounded because terms themselves are.
Result<Term> unwrap(const Term& value, Comparison& comparison) {
  if (value.kind() == TermKind::not_loaded)
    return comparison.fail(ErrorCode::invalid, "a value that was not loaded cannot be unwrapped");
  if (is_record(value, "Ash.Union") || is_record(value, "Diffo.Dynamic"))
    return unwrap(part(value, "value"), comparison);
  if (is_record(value, "Diffo.Primitive")) {
    const Term type = part(value, "type");
    return type.kind() == TermKind::text || type.is_atom() ? part(value, type.name()) : Term();
  }
  if (value.kind() != TermKind::list)
    return value;
  std::vector<Term> items;
  for (const Term& item : value.items())
    items.push_back(TRY(unwrap(item, comparison)));
  return Term::list(std::move(items));
}

struct TypeAndValue {
  Term type;
  Term value;
};

/// The residues of the type and of the unwrapped value, which Primitive and Dynamic have in common.
Result<TypeAndValue> compare_wrapped(const Term& expected, const Term& actual,
                                     Comparison& comparison) {
  TypeAndValue residue;
  residue.type = part(expected, "type");
  const bool has_parts = actual.kind() == TermKind::map || actual.is_record_like();
  if (has_parts)
    if (const auto type = value_at(actual, Term::atom("type")))
      residue.type = TRY(comparison.difference(residue.type, *type));
  residue.value = TRY(unwrap(expected, comparison));
  if (has_parts) {
    const Term found = TRY(unwrap(actual, comparison));
    residue.value = TRY(comparison.difference(residue.value, found));
  }
  return residue;
}

Result<Term> primitive_rule(const Term& expected, const Term& actual, Comparison& comparison) {
  TypeAndValue residue = TRY(compare_wrapped(expected, actual, comparison));
  std::vector<Term::Entry> entries;
  if (!residue.type.is_nil())
    entries.emplace_back(Term::atom("type"), std::move(residue.type));
  if (!residue.value.is_nil())
    entries.emplace_back(Term::atom("value"), std::move(residue.value));
  return entries.empty() ? Term() : Term::map(std::move(entries));
}

Result<Term> dynamic_rule(const Term& expected, const Term& actual, Comparison& comparison) {
  TypeAndValue residue = TRY(compare_wrapped(expected, actual, comparison));
  if (residue.type.is_nil() && residue.value.is_nil())
    return Term();
  return Term::record("Diffo.Dynamic",
                      {{"type", std::move(residue.type)}, {"value", std::move(residue.value)}},
                      RecordForm::sparse);
}

/// A residue with one field set, as a sparse record of the type.
Term with_field(const Term& residue, std::string_view type, std::string_view name, Term value) {
  std::vector<Term::Field> fields;
  if (residue.kind() == TermKind::record)
    for (std::size_t index = 0; index < residue.items().size(); ++index)
      if (residue.field_names()[index] != name)
        fields.emplace_back(residue.field_names()[index], residue.items()[index]);
  fields.emplace_back(name, std::move(value));
  return Term::record(std::string(type), std::move(fields), RecordForm::sparse);
}

/// A residue that is there also names the record expected.
Result<Term> copy_id(const Term& residue, const Term& expected, const Term&, Comparison&) {
  return residue.is_nil() ? residue
                          : with_field(residue, expected.name(), "id", part(expected, "id"));
}

/// §9.2: one of value and values, whichever is_array says.
Result<Term> compare_value(const Term& residue, const Term& expected, const Term& actual,
                           Comparison& comparison) {
  const char* field = part(expected, "is_array").is_atom("true") ? "values" : "value";
  Term value = part(expected, field);
  if (!actual.is_nil())
    value = TRY(comparison.difference(value, part(actual, field)));
  return value.is_nil() ? residue
                        : with_field(residue, "Diffo.Characteristic", field, std::move(value));
}

struct Row {
  std::string_view name;
  /// Separated by spaces; `=` precedes a default: a number, true, false, `:atom` or NL for not
  /// loaded.
  std::string_view fields;
  RecordKind kind;
  std::string_view keys;
  std::string_view excluded = {};
};

constexpr std::string_view ash_fields =
    "id href name major_version minor_version version password category";
constexpr std::string_view party_fields = "id href name referred_type type=:PartyRef";
constexpr std::string_view place_fields = "id href name referred_type type=:PlaceRef";
constexpr std::string_view instance_fields =
    "id href name type=:service which=:actual state=:initial operating_status lifecycle_state "
    "administrative_state "
    "operational_state resource_status usage_state category description specification=NL "
    "features=NL "
    "characteristics=NL relationships=NL parties=NL places=NL entities=NL external_identifiers=NL "
    "notes=NL "
    "process_statuses=NL events=NL";
constexpr std::string_view resource_fields =
    "id href name type=:service which=:actual lifecycle_state state operating_status "
    "administrative_state "
    "operational_state resource_status usage_state category description specification=NL "
    "features=NL "
    "characteristics=NL relationships=NL parties=NL places=NL entities=NL external_identifiers=NL "
    "notes=NL "
    "process_statuses=NL events=NL";

constexpr Row rows[] = {
    {"Plain", "x y z", RecordKind::none, ""},
    {"XYZ", "x y z", RecordKind::same, ""},
    {"ABC", "a b c", RecordKind::derived, ""},
    {"AB", "a b c", RecordKind::derived, "", "c"},
    {"Foo", "value meta", RecordKind::custom, ""},
    {"Bar", "value meta", RecordKind::none, ""},
    {"Service", "id state status access", RecordKind::same, "", "id"},
    {"Ash.Minimal", ash_fields, RecordKind::expect, "id href name version"},
    {"Ash.ExpectOnly", ash_fields, RecordKind::expect, "name"},
    {"Ash.ExpectAllFields", ash_fields, RecordKind::expect, ash_fields},
    {"Ash.ExpectSpecific", ash_fields, RecordKind::expect,
     "id href name major_version minor_version"},
    {"Ash.WithCustomize", ash_fields, RecordKind::expect, "name major_version version"},
    {"Ash.WithExpectCategory", ash_fields, RecordKind::expect, "name category"},
    {"Ash.StructWithCustomize", "id href name major_version minor_version version",
     RecordKind::expect, "name major_version version"},
    {"Ash.StructExpectSpecific", "id href name major_version minor_version version",
     RecordKind::expect, "id href name major_version minor_version"},
    {"Ash.Service", "id name state status parent_id children=NL", RecordKind::expect,
     "state status children"},
    {"Ash.Union", "type value", RecordKind::custom, ""},
    {"Diffo.Instance", instance_fields, RecordKind::expect,
     "specification type state operating_status"},
    {"Diffo.ResourceInstance", resource_fields, RecordKind::expect,
     "specification type lifecycle_state"},
    {"Diffo.Specification",
     "id href name type=:serviceSpecification major_version=1 minor_version=0 patch_version=0 "
     "tmf_version=4 version "
     "category description",
     RecordKind::expect, "name major_version"},
    {"Diffo.Characteristic", "id name type value values is_array=false", RecordKind::expect,
     "name"},
    {"Diffo.Feature", "id name isEnabled=true characteristics=NL", RecordKind::expect,
     "name isEnabled characteristics"},
    {"Diffo.Relationship", "id alias type target=NL characteristics=NL", RecordKind::expect,
     "alias type target characteristics"},
    {"Diffo.AssignmentRelationship", "id alias type", RecordKind::none, ""},
    {"Diffo.DefinedSimpleRelationship", "id alias type characteristic", RecordKind::none, ""},
    {"Diffo.PartyRef", "id party_id role party=NL", RecordKind::expect, "party_id role"},
    {"Diffo.PlaceRef", "id role place=NL", RecordKind::expect, "role place"},
    {"Diffo.EntityRef", "id role entity=NL", RecordKind::expect, "role entity"},
    {"Diffo.Party", party_fields, RecordKind::expect, "id name referred_type type"},
    {"Diffo.Individual", party_fields, RecordKind::expect, "id name type"},
    {"Diffo.Organization", party_fields, RecordKind::expect, "id name type"},
    {"Diffo.Place", place_fields, RecordKind::expect, "id name referred_type type"},
    {"Diffo.GeographicAddress", place_fields, RecordKind::expect, "id name type"},
    {"Diffo.GeographicSite", place_fields, RecordKind::expect, "id name type"},
    {"Diffo.GeographicLocation", place_fields, RecordKind::expect, "id name type"},
    {"Diffo.Entity", "id href name referred_type type=:EntityRef", RecordKind::expect,
     "id href name referred_type type"},
    {"Diffo.ExternalIdentifier", "id type external_id owner_id", RecordKind::expect,
     "type external_id owner_id"},
    {"Diffo.Note", "id text note_id author_id timestamp", RecordKind::expect,
     "text note_id author_id"},
    {"Diffo.ProcessStatus", "id code severity message parameterized_message timestamp",
     RecordKind::expect, "code severity message parameterized_message timestamp"},
    {"Diffo.Event", "id type created_at instance_id firing_type firing_snapshot",
     RecordKind::expect, "type created_at instance_id firing_type firing_snapshot"},
    {"Diffo.Reference", "id href", RecordKind::custom, ""},
    {"Diffo.Patch", "aEnd zEnd", RecordKind::expect, "aEnd zEnd"},
    {"Diffo.CardValue", "name", RecordKind::expect, "name"},
    {"Diffo.Primitive", "type string integer float boolean date time datetime duration",
     RecordKind::custom, ""},
    {"Diffo.Dynamic", "type value", RecordKind::custom, ""},
};

struct CustomRule {
  std::string_view name;
  Result<Term> (*rule)(const Term&, const Term&, Comparison&);
};

constexpr CustomRule custom_rules[] = {{"Foo", foo_rule},
                                       {"Ash.Union", union_rule},
                                       {"Diffo.Reference", reference_rule},
                                       {"Diffo.Primitive", primitive_rule},
                                       {"Diffo.Dynamic", dynamic_rule}};

struct CustomStep {
  std::string_view name;
  Result<Term> (*step)(const Term&, const Term&, const Term&, Comparison&);
};

constexpr CustomStep custom_steps[] = {{"Ash.WithCustomize", copy_id},
                                       {"Ash.StructWithCustomize", copy_id},
                                       {"Diffo.Characteristic", compare_value}};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at)
      result.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

Term preset(std::string_view text) {
  if (text == "NL")
    return Term::not_loaded();
  if (text.front() == ':')
    return Term::atom(std::string(text.substr(1)));
  if (text == "true" || text == "false")
    return Term::boolean(text == "true");
  return Term::integer(std::stoll(std::string(text)));
}

/// Whether a text has the form of a UUID of version 4 and of RFC 4122's variant.
bool is_uuid4(std::string_view text) {
  if (text.size() != 36)
    return false;
  for (std::size_t index = 0; index < text.size(); ++index) {
    const char character = text[index];
    const bool dash = index == 8 || index == 13 || index == 18 || index == 23;
    const bool hexadecimal = (character >= '0' && character <= '9') ||
                             (character >= 'a' && character <= 'f') ||
                             (character >= 'A' && character <= 'F');
    if (dash ? character != '-' : !hexadecimal)
      return false;
  }
  return text[14] == '4' && std::string_view("89abAB").find(text[19]) != std::string_view::npos;
}

void add_pattern_function(Rules& rules, std::string name, std::string_view source) {
  const Term pattern = *Term::regex(source);
  const Term residue = Term::atom(name.substr(name.find('.') + 1));
  rules.add(std::move(name),
            [pattern, residue](const Term& actual, Comparison& comparison) -> Result<Term> {
              if (actual.is_nil())
                return residue;
              return TRY(comparison.difference(pattern, actual)).is_nil() ? Term() : residue;
            });
}

void add_reference_records(Rules& rules) {
  for (const Row& row : rows) {
    RecordType type{.name = std::string(row.name),
                    .kind = row.kind,
                    .keys = words(row.keys),
                    .excluded = words(row.excluded),
                    .open = row.name.starts_with("Diffo.")};
    for (const std::string& field : words(row.fields)) {
      const std::size_t equals = field.find('=');
      type.fields.emplace_back(field.substr(0, equals),
                               equals == std::string::npos
                                   ? Term()
                                   : preset(std::string_view(field).substr(equals + 1)));
    }
    for (const CustomRule& custom : custom_rules)
      if (custom.name == row.name)
        type.rule = custom.rule;
    for (const CustomStep& custom : custom_steps)
      if (custom.name == row.name)
        type.customisations.emplace_back(custom.step);
    rules.add(std::move(type));
  }
}

void add_reference_functions(Rules& rules) {
  rules.add("non_terminal_state", [](const Term& actual, Comparison&) -> Result<Term> {
    for (const std::string_view state : {"active", "inactive", "suspended"})
      if (actual.is_atom(state))
        return Term();
    return Term::atom("non_terminal_state");
  });
  rules.add("Diffo.expect_uuid4", [](const Term& actual, Comparison&) -> Result<Term> {
    return actual.kind() == TermKind::text && is_uuid4(actual.name()) ? Term()
                                                                      : Term::atom("uuid4");
  });
  rules.add("Diffo.expect_trailing_uuid4", [](const Term& actual, Comparison&) -> Result<Term> {
    const std::string_view text =
        actual.kind() == TermKind::text ? actual.name() : std::string_view();
    return text.size() >= 36 && is_uuid4(text.substr(text.size() - 36))
               ? Term()
               : Term::atom("trailing_uuid4");
  });
  add_pattern_function(rules, "Diffo.generic_note", "TST\\d{12}");
  add_pattern_function(rules, "Diffo.generic_external_identifier", "ORD\\d{12}");
  add_pattern_function(rules, "Diffo.generic_process_status_code", "NBNACC-\\d{4}");
  add_pattern_function(rules, "Diffo.generic_cost_id", "COR\\d{12}");
  add_pattern_function(rules, "Diffo.service_event_type", "service");
}

} // namespace

const Rules& reference_rules() {
  static const Rules rules = [] {
    Rules made = Rules::standard();
    add_reference_functions(made);
    add_reference_records(made);
    return made;
  }();
  return rules;
}

} // namespace diffo::terms
