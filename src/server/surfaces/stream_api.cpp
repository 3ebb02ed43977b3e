#include "server/surfaces/stream_api.h"

#include "server/parameters.h"

#include <utility>

namespace diffo::server {
namespace {

constexpr const char* stream_type = "text/event-stream";

} // namespace

void StreamApi::add_routes(http::Router& router) {
  const auto answer_it = [this](const CallRef& call) {
    services_.store.read({}, {}, nullptr, [this, call](const Result<graph::Subgraph>& newest) {
      const Result<void> opened =
          newest ? open(*call, newest->sequence()) : Result<void>(newest.error());
      if (!opened)
        answer_error(*call, opened.error());
    });
  };
  add_route(router, http::Method::get, "/diffo/v1/stream", answer_it, {.produces = {stream_type}});
}

Result<void> StreamApi::open(Call& call, graph::Sequence newest) const {
  const Parameters parameters =
      TRY(Parameters::parse(call.request.query, residue_filter_parameters, {"events", "from"}));
  StreamFilter filter;
  filter.tenant = call.principal->tenant;
  filter.residues = TRY(read_residue_filter(parameters));
  filter.kinds = TRY(stream_kinds(parameters.text("events")));
  auto behind = StreamId::parse(parameters.text("from"));
  if (parameters.has("from") && !behind)
    return Error{ErrorCode::invalid, "from: must be the id of an event or a revision"};
  // What a browser sends when it comes back. One that is none is as good as one that is not known.
  if (call.request.has_header("Last-Event-ID"))
    behind = StreamId::parse(call.request.header("Last-Event-ID"));
  http::Response response;
  response.stream = TRY(
      hub_.open(std::move(filter), behind, newest, origin_of(call.request, services_.public_url)));
  response.content_type = stream_type;
  response.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  response.ends_with_peer = true;
  call.responder.send(std::move(response));
  return {};
}

} // namespace diffo::server
