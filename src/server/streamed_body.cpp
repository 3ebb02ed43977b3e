#include "server/streamed_body.h"

#include "server/coding.h"

#include <memory>
#include <string>
#include <utility>

namespace diffo::server {
namespace {

/// Kept alive by whichever callback comes next.
class Feed : public std::enable_shared_from_this<Feed> {
public:
  Feed(Worker& worker, http::BodyReader body, BodyTaker taker)
      : worker_(worker), body_(std::move(body)), taker_(std::move(taker)) {}

  void read() {
    body_.read([self = shared_from_this()](Result<std::string> piece) {
      // Shared because work must be copyable.
      auto kept = std::make_shared<Result<std::string>>(std::move(piece));
      if (!self->worker_.post([self, kept] { self->take(*kept); }))
        self->taker_.done(Error{ErrorCode::unavailable, "too much long work is waiting already"});
    });
  }

private:
  void take(const Result<std::string>& piece) {
    if (!piece)
      return taker_.done(piece.error());
    if (piece->empty())
      return taker_.done({});
    if (auto taken = taker_.take(*piece); !taken)
      return taker_.done(std::move(taken).error());
    read();
  }

  Worker& worker_;
  http::BodyReader body_;
  BodyTaker taker_;
};

} // namespace

void feed_on(Worker& worker, const http::Request& request, BodyTaker taker) {
  std::make_shared<Feed>(worker, request.stream, unpacking(request, std::move(taker)))->read();
}

} // namespace diffo::server
