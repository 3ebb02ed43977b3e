#pragma once

#include "http/router.h"
#include "model/declared.h"
#include "server/call.h"
#include "server/services.h"

#include <diffo/domain_model.h>
#include <diffo/hooks.h>

#include <string>
#include <utility>

namespace diffo::server {

/// What users declare, and what can be done with it (wire.md §6.2): kinds, domains, actions of
/// instances, pools. Thread rule: handlers on I/O threads.
class KindsApi {
public:
  KindsApi(Services& services, hooks::SharedRegistry hooks)
      : services_(services), hooks_(std::move(hooks)) {}
  void add_routes(http::Router& router);

private:
  void list_kinds(CallRef call) const;
  void get_kind(CallRef call) const;
  void list_models(CallRef call) const;
  void get_model(CallRef call) const;
  void post_models(CallRef call) const;
  void put_model(CallRef call) const;
  void delete_model(CallRef call) const;

  void build(CallRef call) const;
  void act(CallRef call) const;
  Result<void> start_building(const CallRef& call) const;
  Result<void> start_acting(const CallRef& call, graph::Subgraph& subgraph) const;
  Result<void> start_assigning(const CallRef& call, const graph::Key& key, const std::string& pool,
                               const json::Object& arguments) const;
  void
  change_models(const CallRef& call, int status,
                std::function<Result<model::DomainModel>(const model::DomainModel&)> make) const;
  [[nodiscard]] Result<graph::Context> writing_context(const Call& call) const;
  [[nodiscard]] const model::DeclaredKinds& declared() const;

  Services& services_;
  hooks::SharedRegistry hooks_; ///< that models may ask for
};

} // namespace diffo::server
