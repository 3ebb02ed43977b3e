#include "server/coding.h"

#include "base/gzip.h"
#include "base/text.h"
#include "http/media_type.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace diffo::server {
namespace {

/// Below this the head weighs more than what is saved.
constexpr std::size_t least_bytes = 2048;
constexpr std::string_view tag_suffix = "-gzip";

/// The weight in thousandths; what cannot be read counts as said without one.
int weight_of(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  if (at == std::string_view::npos)
    return 1000;
  std::string_view digits = trimmed(parameters.substr(at + 2));
  if (digits.empty() || (digits.front() != '0' && digits.front() != '1'))
    return 1000;
  int weight = digits.front() == '1' ? 1000 : 0;
  int worth = 100;
  for (std::size_t index = 2; index < digits.size() && digits[index] >= '0' && digits[index] <= '9';
       ++index, worth /= 10)
    weight += (digits[index] - '0') * worth;
  return weight;
}

bool is_packable(std::string_view content_type) {
  constexpr std::array<std::string_view, 6> packable = {
      "application/json", "application/x-ndjson",
      "application/yaml", "application/schema+json",
      "text/html",        "text/plain"};
  return std::any_of(packable.begin(), packable.end(), [content_type](std::string_view one) {
    return http::is_media_type(content_type, one);
  });
}

std::string* header_of(http::Response& response, std::string_view name) {
  for (auto& [given, value] : response.headers)
    if (http::same_header_name(given, name))
      return &value;
  return nullptr;
}

void mark_tag(http::Response& response) {
  if (std::string* tag = header_of(response, "ETag"); tag != nullptr && tag->ends_with('"'))
    tag->insert(tag->size() - 1, tag_suffix);
}

/// What many answers share is packed once.
class SharedBodies {
public:
  std::shared_ptr<const std::string> packed(const std::shared_ptr<const std::string>& body) {
    const std::lock_guard lock(mutex_);
    std::erase_if(packed_, [](const auto& one) { return one.second.of.expired(); });
    Entry& entry = packed_[body.get()];
    if (!entry.packed) {
      entry.of = body;
      entry.packed = std::make_shared<const std::string>(gzip(*body));
    }
    return entry.packed;
  }

private:
  struct Entry {
    std::weak_ptr<const std::string> of;
    std::shared_ptr<const std::string> packed;
  };
  std::mutex mutex_;
  std::map<const std::string*, Entry> packed_;
};

/// Packs the chunks of one answer.
class PackingPort final : public http::ExchangePort,
                          public std::enable_shared_from_this<PackingPort> {
public:
  explicit PackingPort(http::BodySource source) : source_(std::move(source)) {}

  void next(http::ChunkSink sink) {
    if (ended_)
      return sink.end();
    sink_ = std::make_unique<http::ChunkSink>(std::move(sink));
    source_(http::ChunkSink(shared_from_this(), 0));
  }
  void chunk(std::uint64_t, ChunkKind kind, std::string&& bytes) override {
    // The sink may ask for more at once.
    const std::unique_ptr<http::ChunkSink> sink = std::move(sink_);
    if (kind == ChunkKind::failed)
      return sink->fail();
    ended_ = kind == ChunkKind::end;
    sink->chunk(ended_ ? packing_.finish() : packing_.add(bytes));
  }
  void answer(std::uint64_t, http::Response&&) override {}
  void drop(std::uint64_t, int) override {}
  void set_route(std::uint64_t, std::string_view) override {}
  void read_body(std::uint64_t, BodyCallback) override {}

private:
  http::BodySource source_;
  std::unique_ptr<http::ChunkSink> sink_;
  Gzip packing_;
  bool ended_ = false;
};

/// The tags that a client has of packed answers, as a 304 must repeat them.
void mark_known_tag(http::Response& response, std::string_view known) {
  std::string* tag = header_of(response, "ETag");
  if (tag == nullptr || !tag->ends_with('"'))
    return;
  std::string marked = *tag;
  marked.insert(marked.size() - 1, tag_suffix);
  if (known.find(marked) != std::string_view::npos)
    *tag = std::move(marked);
}

void pack(http::Response& response, std::string_view known_tags) {
  if (response.status == 304)
    return mark_known_tag(response, known_tags);
  const std::size_t bytes =
      response.shared_body ? response.shared_body->size() : response.body.size();
  if (!is_packable(response.content_type) || response.ends_with_peer ||
      header_of(response, "Content-Encoding") != nullptr ||
      (!response.stream && bytes < least_bytes))
    return;
  static SharedBodies shared;
  if (response.stream)
    response.stream = [port = std::make_shared<PackingPort>(std::move(response.stream))](
                          http::ChunkSink sink) { port->next(std::move(sink)); };
  else if (response.shared_body)
    response.shared_body = shared.packed(response.shared_body);
  else
    response.body = gzip(response.body);
  response.headers.emplace_back("Content-Encoding", "gzip");
  mark_tag(response);
}

/// A body that came packed, and what it holds of the memory.
struct Unpacked {
  explicit Unpacked(std::shared_ptr<http::MemoryBudget> wanted_budget)
      : budget(std::move(wanted_budget)), charge(*budget) {}
  std::shared_ptr<http::MemoryBudget> budget;
  http::Charge charge;
  std::string bytes;
  std::shared_ptr<const void> before; ///< what the request held already
};

} // namespace

bool takes_gzip(std::string_view accept_encoding) {
  int any = 0;
  for (std::string_view left = accept_encoding; !left.empty();) {
    const std::string_view item = left.substr(0, left.find(','));
    left.remove_prefix(std::min(left.size(), item.size() + 1));
    const std::size_t mark = std::min(item.find(';'), item.size());
    const std::string_view coding = trimmed(item.substr(0, mark));
    if (http::same_header_name(coding, "gzip") || http::same_header_name(coding, "x-gzip"))
      return weight_of(item.substr(mark)) > 0;
    if (coding == "*")
      any = weight_of(item.substr(mark));
  }
  return any > 0;
}

bool is_gzip(std::string_view content_encoding) {
  const std::string_view coding = trimmed(content_encoding);
  return http::same_header_name(coding, "gzip") || http::same_header_name(coding, "x-gzip");
}

http::Responder packing(http::Responder responder, const http::Request& request) {
  const bool reads = request.method == http::Method::get || request.method == http::Method::head;
  if (!reads)
    return responder;
  const bool packs = takes_gzip(request.joined_header("Accept-Encoding"));
  return std::move(responder).dressed(
      [packs, known = packs ? request.joined_header("If-None-Match")
                            : std::string()](http::Response& response) {
        // A 304 says what the answer would have said that it stands for (RFC 9110 §15.4.5).
        if (is_packable(response.content_type) || response.status == 304)
          response.headers.emplace_back("Vary", "Accept-Encoding");
        if (packs)
          pack(response, known);
      });
}

std::string without_coding(std::string_view tag) {
  const std::string ending = std::string(tag_suffix) + '"';
  if (!tag.ends_with(ending))
    return std::string(tag);
  return std::string(tag.substr(0, tag.size() - ending.size())) + '"';
}

Result<void> unpack_body(http::Request& request, std::uint64_t most_bytes,
                         const std::shared_ptr<http::MemoryBudget>& memory) {
  const auto unpacked = std::make_shared<Unpacked>(memory);
  Gunzip unpacking;
  TRY(unpacking.add(request.body, [&](std::string_view part) -> Result<void> {
    if (part.size() > most_bytes - unpacked->bytes.size())
      return Error{ErrorCode::too_large,
                   "the body unpacks to more than " + std::to_string(most_bytes) + " bytes"};
    if (!unpacked->charge.try_set(unpacked->bytes.size() + part.size()))
      return Error{ErrorCode::unavailable, "there is no memory for the body now"};
    unpacked->bytes += part;
    return {};
  }));
  TRY(unpacking.finish());
  unpacked->before = std::move(request.holds);
  request.body = unpacked->bytes;
  request.holds = unpacked;
  return {};
}

BodyTaker unpacking(const http::Request& request, BodyTaker taker) {
  if (!is_gzip(request.joined_header("Content-Encoding")))
    return taker;
  const auto gunzip = std::make_shared<Gunzip>();
  const auto inner = std::make_shared<BodyTaker>(std::move(taker));
  // A small piece may be much, of which nobody wants more when its sender has gone.
  const auto take = [inner, gone = request.cancellation](std::string_view part) -> Result<void> {
    if (gone.is_requested())
      return Error{ErrorCode::unavailable, "nobody waits for the answer any more"};
    return inner->take(part);
  };
  return {.take = [gunzip, take](std::string_view piece) { return gunzip->add(piece, take); },
          .done =
              [gunzip, inner](Result<void> outcome) {
                if (outcome)
                  outcome = gunzip->finish();
                inner->done(std::move(outcome));
              }};
}

} // namespace diffo::server
