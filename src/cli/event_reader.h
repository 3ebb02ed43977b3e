#pragma once

#include <diffo/result.h>

#include <functional>
#include <string>
#include <string_view>

namespace diffo::cli {

/// Takes a text/event-stream apart, as it comes in pieces. Holds one event at a time. Thread rule:
/// one thread.
class EventReader {
public:
  using Take = std::function<Result<void>(std::string_view name, std::string_view data)>;
  explicit EventReader(Take take) : take_(std::move(take)) {}

  /// Calls for each event that the piece completes. Errors: too_large for a line or an event beyond
  /// 16 MiB; those of the call.
  Result<void> feed(std::string_view piece);
  /// The next piece is of another stream; what was not completed is not told.
  void begin_anew();
  /// Behind which event to go on; empty: behind none.
  [[nodiscard]] const std::string& last_id() const { return last_id_; }

private:
  Result<void> take_line(std::string_view line);

  Take take_;
  std::string line_; ///< that has begun
  std::string name_;
  std::string data_;
  std::string id_;
  std::string last_id_;
};

} // namespace diffo::cli
