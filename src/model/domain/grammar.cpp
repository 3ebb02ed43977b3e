#include "model/domain/grammar.h"

#include <algorithm>
#include <array>
#include <vector>

namespace diffo::model::grammar {
namespace {

constexpr Section all_sections[] = {
    {"document", Short::none, "A document of a model file declares one domain."},
    {"kind", Short::none, "A kind of instances, parties, places or characteristics."},
    {"specification", Short::none, "The specification that instances of the kind have."},
    {"field", Short::type,
     "A field of a characteristic kind, an own attribute, or a characteristic."},
    {"inherited_characteristic", Short::hops,
     "A characteristic that is read at the end of a chain."},
    {"inherited_role", Short::none, "A place or party that is read at the end of a chain."},
    {"feature", Short::nothing, "A feature and its characteristics."},
    {"pool", Short::text, "What an instance has to hand out."},
    {"role", Short::text, "Who or what may stand beside it, and as what."},
    {"relationships", Short::none, "Which aliases are allowed; nothing: none."},
    {"action", Short::none,
     "What can be asked; exactly one of create, update and assign says what it does."},
    {"transition", Short::none, "A change of state."},
    {"calculation", Short::none,
     "A value that is worked out when it is asked for; exactly one of the first ten says how."},
    {"from_assignment", Short::none, "Fields of assignments to the instance."},
    {"via_assigned", Short::none, "Fields of who is reached backwards along assignments."},
    {"via_relationship", Short::none, "Fields of the targets of relationships."},
    {"lookup", Short::none, "The entry of a table."},
    {"generated", Short::none, "A prefix and that many random digits."},
    {"policy", Short::word, "Who may do what with instances of the kind."},
    {"json", Short::none, "The form of parties and places on the wire."},
    {"migration", Short::none, "How instances of an older model become such of this one."},
};

constexpr Row all_rows[] = {
    {"document", "domain", Form::text, {}, "the name of the domain", true},
    {"document",
     "provider",
     Form::flag,
     {},
     "whether abstract readers see its nodes in a graph database; true when absent"},
    {"document", "kinds", Form::blocks, "kind", "by name"},
    {"document", "tables", Form::value_map, {}, "what values stand for: by table, by value"},
    {"document", "migrations", Form::list, "migration", "from older models to this one"},

    {"kind", "base", Form::word, "instance party place characteristic",
     "what it is built on; when absent what its half belongs to, else an instance"},
    {"kind", "half", Form::word,
     "none service resource individual organization address site location",
     "service (TMF638) and resource (TMF639) of instances, individual and organization (TMF632) of "
     "parties, address (TMF673), site (TMF674) and location (TMF675) of places"},
    {"kind", "about", Form::text, {}, "what it is, for people"},
    {"kind", "specification", Form::block, "specification", "of instances"},
    {"kind", "attributes", Form::blocks, "field", "own attributes beside those of its half"},
    {"kind", "fields", Form::blocks, "field", "of a characteristic kind"},
    {"kind",
     "value",
     Form::group_map,
     {},
     "of a characteristic kind: objects on the wire, each with its members and their fields"},
    {"kind", "characteristics", Form::blocks, "field",
     "of instances; their type is mostly a "
     "characteristic kind"},
    {"kind", "inherited_characteristics", Form::blocks, "inherited_characteristic",
     "of instances, read elsewhere"},
    {"kind", "inherited_places", Form::blocks, "inherited_role", "of instances, by role"},
    {"kind", "inherited_parties", Form::blocks, "inherited_role", "of instances, by role"},
    {"kind", "features", Form::blocks, "feature", "of instances"},
    {"kind", "pools", Form::blocks, "pool", "of instances, by the plural"},
    {"kind", "parties", Form::blocks, "role", "of instances, by role"},
    {"kind", "places", Form::blocks, "role", "of instances, by role"},
    {"kind", "party_roles", Form::blocks, "role", "of parties and places: parties beside it"},
    {"kind", "place_roles", Form::blocks, "role", "of parties and places: places beside it"},
    {"kind", "instance_roles", Form::blocks, "role",
     "of parties and places: what it is to "
     "instances"},
    {"kind", "relationships", Form::block, "relationships", "of instances"},
    {"kind", "actions", Form::blocks, "action", "what can be asked, by name"},
    {"kind", "calculations", Form::blocks, "calculation", "by name"},
    {"kind", "generate", Form::blocks, "generated", "attributes that get a value by themselves"},
    {"kind", "policy", Form::block, "policy", "who may do what"},
    {"kind",
     "expect",
     Form::texts,
     {},
     "attributes, characteristics, their fields: of an expected instance those are compared; none: "
     "all"},
    {"kind",
     "customize",
     Form::any_map,
     {},
     "by attribute, characteristic or field: the matcher that its value is compared by"},
    {"kind",
     "sources",
     Form::list_map,
     {},
     "who observes an attribute, the strongest first; `*`: all other attributes"},
    {"kind", "indexes", Form::texts, {}, "`attribute` or `characteristic.field`"},
    {"kind", "json", Form::block, "json", "of parties and places"},

    {"specification",
     "id",
     Form::text,
     {},
     "a UUID of version 4, the same in every environment",
     true},
    {"specification", "name", Form::text, {}, "in camelCase", true},
    {"specification",
     "type",
     Form::text,
     {},
     "serviceSpecification or resourceSpecification; when absent that of the half"},
    {"specification", "major_version", Form::integer, {}, "1 when absent"},
    {"specification", "minor_version", Form::integer, {}, ""},
    {"specification", "patch_version", Form::integer, {}, ""},
    {"specification", "tmf_version", Form::integer, {}, "of the API that hrefs name"},
    {"specification", "description", Form::text, {}, ""},
    {"specification", "category", Form::text, {}, ""},

    {"field",
     "type",
     Form::type,
     {},
     "symbol, string, integer, number, boolean, date_time, uuid, ip, any, or a characteristic "
     "kind; string when absent"},
    {"field", "one_of", Form::anys, {}, "the values that are allowed"},
    {"field", "enum", Form::anys, {}, "the same as one_of"},
    {"field", "min", Form::number, {}, "the least number"},
    {"field", "max", Form::number, {}, "the greatest number"},
    {"field", "min_length", Form::count, {}, "of texts in characters, of lists in items"},
    {"field", "max_length", Form::count, {}, "likewise"},
    {"field", "pattern", Form::text, {}, "RE2, of the whole text"},
    {"field",
     "as",
     Form::text,
     {},
     "its name on the wire, where that is another; not of characteristics"},
    {"field", "default", Form::any, {}, "what counts when nothing is given"},
    {"field", "required", Form::flag, {}, ""},
    {"field", "hidden", Form::flag, {}, "of attributes: stored, never shown"},
    {"field", "about", Form::text, {}, "what it is, for people"},

    {"inherited_characteristic",
     "via",
     Form::hops,
     {},
     "the chain; when absent one assignment, backwards, whose alias is the name; empty: itself"},
    {"inherited_characteristic",
     "read",
     Form::text,
     {},
     "the characteristic there; when absent the name"},
    {"inherited_characteristic", "as", Form::text, {}, "its name on the wire"},
    {"inherited_characteristic", "collapse", Form::word, "none first last",
     "which end of what was reached counts"},
    {"inherited_characteristic",
     "crosses_tenants",
     Form::flag,
     {},
     "whether what others own is read too"},

    {"inherited_role", "via", Form::hops, {}, "as of inherited characteristics"},
    {"inherited_role", "source_role", Form::text, {}, "the role there", true},
    {"inherited_role", "as", Form::text, {}, "its name on the wire"},
    {"inherited_role", "collapse", Form::word, "none first last", "likewise"},
    {"inherited_role", "crosses_tenants", Form::flag, {}, "likewise"},

    {"feature", "enabled", Form::flag, {}, "of a new instance; true when absent"},
    {"feature", "characteristics", Form::blocks, "field", "by name"},

    {"pool", "thing", Form::text, {}, "what one unit is called", true},
    {"pool", "units", Form::word, "numbers blocks prefixes", "what it hands out"},
    {"pool", "first", Form::integer, {}, "of a new instance; 1 when absent"},
    {"pool", "last", Form::integer, {}, "likewise"},
    {"pool", "except", Form::spans, {}, "what is never handed out: `[[5, 9], 12]`"},
    {"pool", "type", Form::text, {}, "what is handed out, for people"},
    {"pool", "algorithm", Form::word, "lowest highest random", "which unit is handed out"},
    {"pool", "block", Form::count, {}, "of blocks: how many numbers each has"},
    {"pool", "network", Form::text, {}, "of prefixes: what is cut"},
    {"pool", "prefix_length", Form::count, {}, "of prefixes: how long each is"},
    {"pool", "lease", Form::duration, {}, "how long a reservation holds"},
    {"pool", "quarantine", Form::duration, {}, "how long a freed unit rests"},
    {"pool", "quota", Form::count, {}, "how many units one assignee may hold"},
    {"pool", "warn", Form::count, {}, "the percentage of use from which on it is reported"},

    {"role", "type", Form::text, {}, "a kind; any when absent"},
    {"role", "many", Form::flag, {}, "whether there may be several"},
    {"role", "ref", Form::flag, {}, "whether it is reached by traversal, without a reference"},
    {"role", "min", Form::count, {}, "how many there must be"},
    {"role", "max", Form::count, {}, "how many there may be"},
    {"role", "calculate", Form::text, {}, "the calculation that yields it"},

    {"relationships", "source", Form::permission, {}, "as the source of a relationship"},
    {"relationships", "target", Form::permission, {}, "as its target"},

    {"action", "create", Form::flag, {}, "makes a new instance"},
    {"action", "update", Form::word, "true define relate",
     "true: accepts attributes; define: characteristics and pools; relate: relationships"},
    {"action", "assign", Form::text, {}, "hands out of this pool, and takes back"},
    {"action", "accept", Form::texts, {}, "attributes"},
    {"action", "args", Form::texts, {}, "relationships, places, parties, characteristics"},
    {"action", "set", Form::any_map, {}, "attributes that it sets itself"},
    {"action",
     "wire",
     Form::flag,
     {},
     "of create: specification, features and characteristics are "
     "made too, which is always so"},
    {"action", "transition", Form::block, "transition", "of update"},
    {"action", "effects", Form::texts, {}, "add_places, add_parties, add_relationships, define"},
    {"action", "hook", Form::text, {}, "what else it does, by the name of a function in C++"},
    {"action", "about", Form::text, {}, "what it is for"},

    {"transition", "from", Form::text_or_list, {}, "the states it leaves", true},
    {"transition", "to", Form::text, {}, "the state it leads to", true},

    {"calculation", "field_from_assignment", Form::block, "from_assignment", ""},
    {"calculation", "field_via_assigned_relationship", Form::block, "via_assigned", ""},
    {"calculation", "field_via_relationship", Form::block, "via_relationship", ""},
    {"calculation",
     "count",
     Form::text,
     {},
     "how many there are: `inherited.field`, `characteristic.field` or a calculation"},
    {"calculation", "sum", Form::text, {}, "likewise"},
    {"calculation", "min", Form::text, {}, "likewise"},
    {"calculation", "max", Form::text, {}, "likewise"},
    {"calculation", "lookup", Form::block, "lookup", ""},
    {"calculation",
     "expression",
     Form::text,
     {},
     "names, numbers, `+`, `-`, `*`, `/` and parentheses"},
    {"calculation", "hook", Form::text, {}, "a function in C++ by name"},
    {"calculation",
     "type",
     Form::type,
     {},
     "of the result; when absent integer for count, number for sum, min, max and expressions, any "
     "for others"},
    {"calculation", "otherwise", Form::any, {}, "what counts where nothing can be worked out"},
    {"calculation", "digits", Form::count, {}, "behind the point, when rounded"},

    {"from_assignment",
     "field",
     Form::text,
     {},
     "of the assignment: value, thing, pool, alias",
     true},
    {"from_assignment", "alias", Form::text, {}, "which assignments; all when absent"},

    {"via_assigned", "field", Form::text, {}, "of who is reached", true},
    {"via_assigned", "via", Form::hops, {}, "the chain; when absent all assignments, one hop"},

    {"via_relationship", "field", Form::text, {}, "of the target", true},
    {"via_relationship", "alias", Form::text, {}, "which relationships"},
    {"via_relationship", "type", Form::text, {}, "likewise"},

    {"lookup", "table", Form::text, {}, "the name of the table", true},
    {"lookup", "of", Form::text, {}, "what is looked up", true},

    {"generated", "prefix", Form::text, {}, ""},
    {"generated", "digits", Form::count, {}, "12 when absent"},

    {"policy", "owner", Form::text, {}, "the attribute that names the owner", true},
    {"policy", "stamp", Form::word, "actor", "a new instance gets the actor as its owner"},
    {"policy", "read", Form::word, "everybody owner", "everybody when absent"},
    {"policy", "write", Form::word, "everybody owner", "likewise"},

    {"json", "pick", Form::texts, {}, "what is shown, in order"},
    {"json", "rename", Form::text_map, {}, "names on the wire"},

    {"migration", "kind", Form::text, {}, "whose instances", true},
    {"migration", "rename", Form::text_map, {}, "path before: path now"},
    {"migration", "set", Form::any_map, {}, "path: value where there is none"},
    {"migration", "drop", Form::texts, {}, "paths that are given up"},
};

/// The number of changes that make one word the other, up to a bound.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t column = 0; column <= b.size(); ++column)
    row[column] = column;
  for (std::size_t line = 1; line <= a.size(); ++line) {
    std::size_t diagonal = row[0];
    row[0] = line;
    for (std::size_t column = 1; column <= b.size(); ++column) {
      const std::size_t replaced = diagonal + (a[line - 1] == b[column - 1] ? 0 : 1);
      diagonal = row[column];
      row[column] = std::min({row[column] + 1, row[column - 1] + 1, replaced});
    }
  }
  return row.back();
}

} // namespace

std::span<const Section> sections() {
  return all_sections;
}

const Section& section(std::string_view name) {
  const auto* const found = std::find_if(std::begin(all_sections), std::end(all_sections),
                                         [name](const Section& one) { return one.name == name; });
  DIFFO_ASSERT(found != std::end(all_sections));
  return *found;
}

std::span<const Row> rows_of(std::string_view section) {
  const auto belongs = [section](const Row& row) { return row.section == section; };
  const auto* const first = std::find_if(std::begin(all_rows), std::end(all_rows), belongs);
  const auto* const last = std::find_if_not(first, std::end(all_rows), belongs);
  return {first, last};
}

const Row* find(std::string_view section, std::string_view key) {
  for (const Row& row : rows_of(section))
    if (row.key == key)
      return &row;
  return nullptr;
}

int index_of(std::string_view word, std::string_view words) {
  for (int index = 0; !words.empty(); ++index) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word)
      return index;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return -1;
}

std::string_view word_at(std::size_t index, std::string_view words) {
  for (; index > 0; --index)
    words.remove_prefix(std::min(words.find(' '), words.size() - 1) + 1);
  return words.substr(0, words.find(' '));
}

std::string suggestion(std::string_view word, std::span<const std::string_view> known) {
  constexpr std::size_t longest = 64; // what is longer is no slip of the finger
  if (word.size() > longest || word.size() < 3)
    return {};
  std::size_t nearest = std::max<std::size_t>(word.size() / 3, 1) + 1;
  std::string_view found;
  for (const std::string_view one : known)
    if (const std::size_t far = distance(word, one); one.size() <= longest && far < nearest) {
      nearest = far;
      found = one;
    }
  return found.empty() ? "" : " (did you mean " + std::string(found) + "?)";
}

} // namespace diffo::model::grammar
