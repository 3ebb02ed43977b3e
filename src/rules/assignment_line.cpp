#include "rules/assignment_line.h"

#include "base/text.h"
#include "base/time.h"
#include "model/contradictions.h"
#include "model/kinds.h"
#include "model/words.h"
#include "rules/policy.h"

#include <utility>

namespace diffo::rules {
namespace {

namespace words = model::words;

constexpr std::int64_t largest_size = std::int64_t{1} << 32;

json::Object end_view(const graph::Target& end) {
  return {{"id", end.id}, {"family", end.family == model::family_service ? "service" : "resource"}};
}

Result<graph::Target> read_end(const json::Value& line, const std::string& name) {
  const json::Value* end = line.find(name);
  const std::string_view family = end != nullptr ? end->text_of("family") : std::string_view();
  const std::string_view id = end != nullptr ? end->text_of("id") : std::string_view();
  if (!is_id(id) || (family != "service" && family != "resource"))
    return Error{ErrorCode::invalid, "must be {id, family} of a service or resource", '/' + name};
  return graph::Target{family == "service" ? model::family_service : model::family_resource,
                       std::string(id)};
}

Result<std::int64_t> read_number(const json::Value& line, const std::string& name,
                                 std::int64_t otherwise, std::int64_t most) {
  const json::Value* value = line.find(name);
  if (value == nullptr)
    return otherwise;
  const std::int64_t* number = value->if_integer();
  if (number == nullptr || *number < 0 || *number > most)
    return Error{ErrorCode::invalid, "must be a number from 0 on", '/' + name};
  return *number;
}

} // namespace

json::Value assignment_line(const Assigned& assigned, bool blocks) {
  json::Object line{{"@type", assignment_line_type},
                    {"id", assigned.key.id},
                    {"pool", assigned.pool},
                    {"thing", assigned.thing},
                    {"value", assigned.value}};
  if (assigned.size != 1)
    line.set("size", assigned.size);
  if (blocks)
    line.set("block", true);
  for (const auto& [name, text] :
       {std::pair{"unit", &assigned.unit}, {"alias", &assigned.alias}, {"type", &assigned.type}})
    if (!text->empty())
      line.set(name, *text);
  if (assigned.lease_until != 0)
    line.set("leaseUntil", text_of_microseconds(Timestamp{assigned.lease_until}));
  line.set("assigner", end_view(assigned.assigner));
  line.set("assignee", end_view(assigned.assignee));
  return line;
}

Result<Settled> read_assignment_line(const json::Value& line, const graph::Context& context,
                                     const graph::Schema& schema) {
  Assigned assigned;
  const std::string id(line.text_of("id"));
  if (!is_id(id))
    return Error{ErrorCode::invalid, std::string(id_rule), "/id"};
  assigned.key = {context.principal.tenant, model::family_assignment, id};
  assigned.pool = line.text_of("pool");
  assigned.thing = line.text_of("thing");
  if (assigned.pool.empty() || assigned.thing.empty())
    return Error{ErrorCode::invalid, "an assignment has a pool and a thing", "/pool"};
  assigned.value = TRY(read_number(line, "value", 0, graph::largest_number));
  assigned.size = TRY(read_number(line, "size", 1, largest_size));
  assigned.unit = line.text_of("unit");
  assigned.alias = line.text_of("alias");
  assigned.type = line.text_of("type");
  if (const std::string_view until = line.text_of("leaseUntil"); !until.empty()) {
    const auto instants = parse_instants(until);
    if (!instants)
      return Error{ErrorCode::invalid, "must be a date and time", "/leaseUntil"};
    assigned.lease_until = instants->from;
  }
  assigned.assigner = TRY(read_end(line, "assigner"));
  assigned.assignee = TRY(read_end(line, "assignee"));
  const json::Value* block = line.find("block");
  const bool blocks = block != nullptr && block->is_boolean() && block->boolean();
  if (!blocks && assigned.size > most_numbers)
    return Error{ErrorCode::invalid, "is more than one assignment holds", "/size"};
  Settled settled;
  settled.record = TRY(model::encode(assignment_draft(assigned), schema));
  settled.further.take = claims_of(assigned, context, blocks);
  return settled;
}

Settle settlement_of(graph::Context context, Settled assignment) {
  return [context = std::move(context),
          assignment = std::move(assignment)](graph::Subgraph& subgraph) -> Result<Settled> {
    if (is_administrator(context))
      return assignment;
    const Assigned assigned = read_assigned(*assignment.record, subgraph.schema());
    const graph::Key assigner(assigned.key.tenant, assigned.assigner.family, assigned.assigner.id);
    subgraph.announce(plan_for(assigner));
    if (const graph::RecordRef record = subgraph.find(assigner))
      TRY(check_writer(context, subgraph.schema(), *record));
    return assignment;
  };
}

} // namespace diffo::rules
