#include "server/surfaces/observations_api.h"

#include "http/media_type.h"
#include "server/observations/observation_intake.h"
#include "server/parameters.h"
#include "server/streamed_body.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace diffo::server {
namespace {

constexpr const char* ndjson_type = "application/x-ndjson";

/// One request under way, and its place among those that may be.
struct RunningObservation {
  RunningObservation(Services& services, const rules::Precedence& precedence, const CallRef& call,
                     ObservationIntake::Form form, Slots::Slot taken)
      : slot(std::move(taken)),
        intake(
            {.store = services.store,
             .precedence = precedence,
             .context = [&services,
                         call] { return services.context(*call, cause_of(call->request)); },
             .memory = services.import_memory,
             .saw = [&services](std::span<const graph::Key> seen) { services.residues.saw(seen); },
             .form = form}) {}

  Slots::Slot slot;
  ObservationIntake intake;
};

void answer_observed(Call& call, ObservationIntake& intake, const Result<void>& read,
                     const std::function<void(const ObservationReport&)>& note) {
  const auto report = read ? intake.finish() : Result<ObservationReport>(read.error());
  if (!report) {
    const auto before = intake.break_off(report.error());
    if (!before)
      return answer_error(call, report.error());
    note(*before);
    return answer_error(call, report.error(), before->to_json());
  }
  note(*report);
  answer(call, report->stored ? 200 : 409, json::to_text(report->to_json()));
}

} // namespace

void ObservationsApi::add_routes(http::Router& router) {
  add_route(router, http::Method::post, "/diffo/v1/observations",
            [this](CallRef call) { observe(std::move(call)); },
            {.consumes = {json_type, ndjson_type, "application/ndjson", "application/jsonl"},
             .produces = {json_type},
             .body = http::RouteBody::streamed});
  add_route(router, http::Method::get, "/diffo/v1/sources",
            [this](const CallRef& call) { list_sources(*call); }, {.produces = {json_type}});
}

void ObservationsApi::list_sources(Call& call) const {
  if (const auto parameters = Parameters::parse(call.request, {}); !parameters)
    return answer_error(call, parameters.error());
  const json::Array rows = sources_.view(call.principal->tenant, precedence_);
  answer(call, 200, json::to_text(rows), {{"X-Total-Count", std::to_string(rows.size())}});
}

void ObservationsApi::observe(CallRef call) const {
  if (const auto parameters = Parameters::parse(call->request, {}); !parameters)
    return answer_error(*call, parameters.error());
  if (call->request.has_header("Idempotency-Key"))
    return answer_error(*call, {ErrorCode::invalid,
                                "an observation takes no key: repeated, it changes nothing",
                                "Idempotency-Key"});
  auto slot = under_way_.take();
  if (!slot)
    return answer_error(*call,
                        {ErrorCode::unavailable, "other observations are under way already"});
  const auto form = http::is_media_type(call->request.header("Content-Type"), json_type)
                        ? ObservationIntake::Form::document
                        : ObservationIntake::Form::lines;
  // Shared by the two callbacks, of which the last one ends it.
  const auto running =
      std::make_shared<RunningObservation>(services_, precedence_, call, form, std::move(slot));
  feed_on(
      services_.bulk, call->request,
      {.take = [running](std::string_view piece) { return running->intake.feed(piece); },
       .done =
           [this, call, running](const Result<void>& read) {
             answer_observed(*call, running->intake, read, [&](const ObservationReport& report) {
               sources_.note(call->principal->tenant, report, services_.clock.now().microseconds);
             });
           }});
}

} // namespace diffo::server
