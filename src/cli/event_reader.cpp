#include "cli/event_reader.h"

#include <algorithm>
#include <utility>

namespace diffo::cli {
namespace {

constexpr std::size_t most_bytes = std::size_t{16} << 20U;

Error too_large() {
  return {ErrorCode::too_large, "an event of the server is larger than 16 MiB"};
}

} // namespace

Result<void> EventReader::feed(std::string_view piece) {
  while (!piece.empty()) {
    const std::size_t end = piece.find('\n');
    line_ += piece.substr(0, end);
    if (line_.size() > most_bytes)
      return too_large();
    if (end == std::string_view::npos)
      return {};
    piece.remove_prefix(end + 1);
    if (line_.ends_with('\r'))
      line_.pop_back();
    TRY(take_line(line_));
    line_.clear();
  }
  return {};
}

void EventReader::begin_anew() {
  line_.clear();
  name_.clear();
  data_.clear();
  id_ = last_id_;
}

Result<void> EventReader::take_line(std::string_view line) {
  if (line.empty()) {
    last_id_ = id_;
    const std::string name = std::exchange(name_, {});
    const std::string data = std::exchange(data_, {});
    return data.empty() ? Result<void>() : take_(name.empty() ? "message" : name, data);
  }
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view field = line.substr(0, colon);
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' '))
    value.remove_prefix(1);
  if (field == "event") {
    name_ = value;
  } else if (field == "id" && value.find('\0') == std::string_view::npos) {
    id_ = value;
  } else if (field == "data") {
    if (data_.size() + value.size() > most_bytes)
      return too_large();
    data_.append(data_.empty() ? "" : "\n").append(value);
  }
  return {};
}

} // namespace diffo::cli
