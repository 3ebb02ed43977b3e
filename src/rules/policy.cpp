#include "rules/policy.h"

#include "rules/enforce.h"
#include "rules/first_level.h"
#include "rules/parts.h"

#include <algorithm>

namespace diffo::rules {

bool is_administrator(const graph::Context& context) {
  const auto& roles = context.principal.roles;
  return context.principal.actor.empty() ||
         std::find(roles.begin(), roles.end(), "admin") != roles.end();
}

Result<void> check_writer(const graph::Context& context, const model::Model& model,
                          const model::DeclaredKind& kind, const graph::Record* present) {
  if (!kind.policy || is_administrator(context))
    return {};
  const model::Policy& policy = *kind.policy;
  if (policy.of == model::Policy::Of::managed)
    return Error{ErrorCode::forbidden, "only administrators write instances of " + kind.name};
  if (policy.of != model::Policy::Of::owner || !policy.write_owner || present == nullptr)
    return {};
  const auto owner = first_level_field(model, kind, policy.attribute);
  if (!owner)
    return {};
  if (text_of(present->root(model.dictionary()), owner->word) != context.principal.actor)
    return Error{ErrorCode::forbidden, "it belongs to somebody else"};
  return {};
}

Result<void> check_writer(const graph::Context& context, const graph::Schema& schema,
                          const graph::Record& present) {
  if (is_administrator(context))
    return {};
  const model::Model& model = model::model_of(schema);
  const model::DeclaredKind* kind = kind_of(model, present);
  return kind != nullptr ? check_writer(context, model, *kind, &present) : Result<void>();
}

} // namespace diffo::rules
