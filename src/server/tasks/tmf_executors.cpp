#include "base/url_text.h"
#include "server/inner_request.h"
#include "server/tasks/remote.h"

#include "model/kinds.h"

#include <array>
#include <optional>
#include <utility>

/// Executors that speak TMF640 and TMF641 (v4).
namespace diffo::server {
namespace {

using json::Value;

constexpr const char* json_body = "application/json";

/// The first-level attributes that a task changes, as they will be; null: gone. Errors: those of
/// reading the service and of applying the change to it.
Result<json::Object> changed_attributes(http::Router& router, const loop::Task& task) {
  if (task.creates) {
    const Value* set = task.change.find("set");
    return set != nullptr && set->is_object() ? set->object() : json::Object();
  }
  std::string path =
      "/tmf-api/serviceInventory/" + std::string(outstanding::name_of(task.profile)) + "/service/";
  append_percent_encoded(path, task.target.id);
  const http::Response present = ask(
      router, {.method = http::Method::get, .path = std::move(path), .body = {}, .headers = {}});
  if (present.status != 200)
    return Error{ErrorCode::not_found, "the service cannot be read: " + present.body};
  const Value before = TRY(json::read(present.body));
  Value after = before;
  TRY(json::apply_patch(after, task.patch));
  json::Object changed;
  for (const json::Member& member : after.object())
    if (const Value* was = before.find(member.name); was == nullptr || *was != member.value)
      changed.append(member.name, member.value);
  for (const json::Member& member : before.object())
    if (after.find(member.name) == nullptr)
      changed.append(member.name, nullptr);
  return changed;
}

std::optional<Value> body_of(const Result<http::ClientAnswer>& answer) {
  if (!answer)
    return std::nullopt;
  auto body = json::read(answer->body);
  return body && body->is_object() ? std::optional(*std::move(body)) : std::nullopt;
}

/// How far it is by the state that was told.
Outcome state_outcome(std::string_view state, std::string follow) {
  constexpr std::array<std::string_view, 3> good{"completed", "done", "succeeded"};
  constexpr std::array<std::string_view, 6> bad{"failed",   "rejected", "cancelled",
                                                "canceled", "partial",  "terminatedWithError"};
  for (const std::string_view word : good)
    if (state == word)
      return {};
  for (const std::string_view word : bad)
    if (state == word)
      return {Outcome::Kind::failed, "it is told to be " + std::string(state)};
  return {Outcome::Kind::accepted, {}, std::move(follow)};
}

class TmfExecutor : public Executor {
public:
  TmfExecutor(const ExecutorSettings& settings, http::Router& router)
      : settings_(settings), url_(remote_url(settings.url)), router_(router) {
    while (url_.path.ends_with('/'))
      url_.path.pop_back();
  }

  Outcome run(const Attempt& attempt, const Cancellation& cancellation) final {
    if (attempt.task.target.family != model::family_service)
      return {Outcome::Kind::failed, "this executor changes services only"};
    return carry_out(attempt, cancellation);
  }

  /// `follow` is a path behind the executor's URL.
  Outcome follow(const Attempt& attempt, const Cancellation& cancellation) override {
    const auto answer = send("GET", attempt.task.follow, {}, {}, cancellation);
    if (Outcome outcome = outcome_of(answer, Outcome::Kind::accepted);
        outcome.kind == Outcome::Kind::failed)
      return outcome;
    const auto body = answer && answer->status == 200 ? body_of(answer) : std::nullopt;
    return state_outcome(body ? body->text_of("state") : "", attempt.task.follow);
  }

protected:
  /// Of a service.
  virtual Outcome carry_out(const Attempt& attempt, const Cancellation& cancellation) = 0;

  Result<http::ClientAnswer> send(std::string method, const std::string& path,
                                  const std::string& body, const char* type,
                                  const Cancellation& cancellation, const std::string& key = {}) {
    http::ClientRequest request;
    request.method = std::move(method);
    request.target = url_.path + path;
    request.body = body;
    request.headers = {{"Accept", json_body}};
    if (type != nullptr)
      request.headers.emplace_back("Content-Type", type);
    if (!key.empty())
      request.headers.emplace_back("Idempotency-Key", key);
    return send_to(url_.server, request, std::chrono::microseconds(settings_.timeout),
                   cancellation);
  }

  http::Router& router() { return router_; }

private:
  ExecutorSettings settings_;
  RemoteUrl url_;
  http::Router& router_;
};

/// TMF640 v4: creates or changes a service there; a monitor tells of what takes longer.
class ActivationExecutor final : public TmfExecutor {
public:
  using TmfExecutor::TmfExecutor;

private:
  Outcome carry_out(const Attempt& attempt, const Cancellation& cancellation) override {
    const loop::Task& task = attempt.task;
    const auto changed = changed_attributes(router(), task);
    if (!changed)
      return {Outcome::Kind::again, changed.error().text()};
    std::string path = "/service";
    if (!task.creates) {
      path += '/';
      append_percent_encoded(path, task.target.id);
    }
    const auto answer = send(task.creates ? "POST" : "PATCH", path, json::to_text(*changed),
                             task.creates ? json_body : "application/merge-patch+json",
                             cancellation, attempt.key());
    constexpr int accepted = 202;
    if (!answer || answer->status != accepted)
      return outcome_of(answer, Outcome::Kind::done);
    return {Outcome::Kind::accepted, {}, monitor_of(*answer)};
  }

  /// `/monitor/{id}` of the href that the answer gives; empty: nothing can be asked.
  static std::string monitor_of(const http::ClientAnswer& answer) {
    std::string href(answer.header("Location"));
    if (href.empty())
      if (const auto body = body_of(answer))
        href = body->text_of("href");
    const std::size_t at = href.rfind("/monitor/");
    return at != std::string::npos ? href.substr(at) : std::string();
  }
};

/// TMF641 v4: orders the change. The order's externalId is the attempt, by which a repetition is
/// recognized before a second one is placed.
class OrderExecutor final : public TmfExecutor {
public:
  using TmfExecutor::TmfExecutor;

private:
  Outcome carry_out(const Attempt& attempt, const Cancellation& cancellation) override {
    const loop::Task& task = attempt.task;
    for (std::uint64_t number = attempt.number; number > 0; --number)
      if (auto placed = placed_before(task.id + '-' + std::to_string(number),
                                      number == attempt.number, cancellation))
        return *std::move(placed);
    auto changed = changed_attributes(router(), task);
    if (!changed)
      return {Outcome::Kind::again, changed.error().text()};
    changed->set("id", task.target.id);
    const json::Object order{
        {"externalId", attempt.key()},
        {"description", "closes what is outstanding: task " + task.id},
        {"serviceOrderItem", json::Array{json::Object{{"id", "1"},
                                                      {"action", task.creates ? "add" : "modify"},
                                                      {"service", *std::move(changed)}}}}};
    const auto answer =
        send("POST", "/serviceOrder", json::to_text(order), json_body, cancellation, attempt.key());
    Outcome outcome = outcome_of(answer, Outcome::Kind::accepted);
    if (outcome.kind != Outcome::Kind::accepted)
      return outcome;
    const auto placed = body_of(answer);
    if (!placed)
      return {Outcome::Kind::failed, "the answer to the order is no order"};
    return order_outcome(*placed);
  }

  static Outcome order_outcome(const Value& order) {
    std::string path = "/serviceOrder/";
    append_percent_encoded(path, order.text_of("id"));
    return state_outcome(order.text_of("state"), std::move(path));
  }

  /// What is known of an order that was placed for an attempt; one of an earlier attempt that ended
  /// badly is no reason not to place another. Without an answer nothing may be placed.
  std::optional<Outcome> placed_before(const std::string& key, bool is_this,
                                       const Cancellation& cancellation) {
    std::string path = "/serviceOrder?externalId=";
    append_percent_encoded(path, key);
    const auto answer = send("GET", path, {}, nullptr, cancellation);
    if (Outcome outcome = outcome_of(answer, Outcome::Kind::done);
        outcome.kind == Outcome::Kind::again)
      return outcome;
    if (answer->status != 200)
      return std::nullopt; // it does not know the filter, or lists at all
    const auto orders = json::read(answer->body);
    if (!orders || !orders->is_array())
      return std::nullopt;
    for (const Value& order : orders->array())
      if (order.text_of("externalId") == key) {
        Outcome outcome = order_outcome(order);
        if (is_this || outcome.kind != Outcome::Kind::failed)
          return outcome;
      }
    return std::nullopt;
  }
};

} // namespace

std::unique_ptr<Executor> tmf640_executor(const ExecutorSettings& settings, http::Router& router) {
  return std::make_unique<ActivationExecutor>(settings, router);
}

std::unique_ptr<Executor> tmf641_executor(const ExecutorSettings& settings, http::Router& router) {
  return std::make_unique<OrderExecutor>(settings, router);
}

} // namespace diffo::server
