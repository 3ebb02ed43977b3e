#pragma once

#include "model/typed_value.h"
#include "rules/enforce.h"
#include "rules/lifecycle.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::rules {

/// One write of an instance of a declared kind (enforce.h). Its steps: which kind it is, its
/// identity and name, its state, then part by part. Thread rule: one thread.
class Enforcer {
public:
  Enforcer(const graph::Context& context, graph::Subgraph& subgraph, const model::Model& model,
           const graph::Record* before, graph::RecordDraft& after, Way way);
  /// The specification of its kind in a model that goes: what the instance shows of it is not its
  /// own.
  Enforcer& keep_only_given(const model::Specification* former) {
    former_ = former;
    return *this;
  }
  /// The action that made the draft.
  Enforcer& made_by(const model::Action* action) {
    action_ = action;
    return *this;
  }
  Result<Further> run();

private:
  // enforcer.cpp
  Result<void> settle_kind();
  void bring_back_specification();
  void settle_specification();
  void settle_identity();
  void settle_generated();
  void settle_name();
  Result<void> claim_name();
  Result<void> settle_state();
  void run_transition(const Transition& transition);
  void settle_attributes();
  [[nodiscard]] model::TypedReader::Ranges ranges() const;
  [[nodiscard]] bool stays_seen(const json::Value& now, const json::Value* was) const;
  Result<void> settle_policy();
  void set_unless_given(graph::Word word, std::string_view text);

  // enforcer_parts.cpp
  void leave_behind();
  void settle_characteristics();
  void settle_features();
  void settle_roles(const std::vector<model::Role>& roles,
                    const std::vector<model::Inherited>& inherited, graph::ElementKind kind,
                    std::string_view list);
  void check_role_count(const model::Role& role, std::size_t count, std::string_view list);
  void check_referred_type(const model::Role& role, const graph::Element& edge,
                           const std::string& path);
  Result<void> settle_relationships();
  void check_relationship(const graph::Element& edge, const std::string& path);
  Result<void> check_pools();
  Result<void> check_pool(const model::Pool& pool, const json::Value& before,
                          const json::Value& now);
  std::vector<graph::Element> take_children(graph::ElementKind kind);
  std::vector<graph::Element> settle_list(const std::vector<model::Field>& fields,
                                          const std::vector<model::Pool>& pools,
                                          std::vector<graph::Element> given,
                                          const std::vector<graph::Element>& before,
                                          const std::string& path);

  [[nodiscard]] bool is_new() const { return !was_; }
  void refuse(std::string path, std::string message, ErrorCode code = ErrorCode::invalid);

  const graph::Context& context_;
  graph::Subgraph& subgraph_;
  const model::Model& model_;
  const graph::Record* before_;
  graph::RecordDraft& after_;
  Way way_;
  std::optional<graph::RecordDraft> was_;        ///< the record before
  const model::DeclaredKind* old_ = nullptr;     ///< the kind before; none: generic, or new
  const model::DeclaredKind* kind_ = nullptr;    ///< the kind now
  const model::Specification* former_ = nullptr; ///< another specification before
  const model::Action* action_ = nullptr;
  std::vector<Error> problems_;
  Further further_;
};

/// The claim by which a name is unique among the instances of a kind (domain.md §4).
graph::Claim name_claim(const graph::Context& context, const model::DeclaredKind& kind,
                        const graph::Key& key, graph::Which which, std::string_view name);

/// The text of a field, or empty.
std::string_view text_in(const graph::Element& element, graph::Word word);

} // namespace diffo::rules
