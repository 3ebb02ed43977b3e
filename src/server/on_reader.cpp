#include "server/on_reader.h"

#include <utility>

namespace diffo::server {

void on_reader(const Services& services, const CallRef& call,
               std::function<Result<void>(Call&)> step) {
  const bool posted = services.readers.post(
      [call, step = std::move(step)] {
        if (const auto done = step(*call); !done)
          answer_error(*call, done.error());
      },
      call->request.cancellation);
  if (!posted)
    answer_error(*call, {ErrorCode::unavailable, "too many searches are waiting"});
}

} // namespace diffo::server
