#include "cli/observation_lines.h"

namespace diffo::cli {
namespace {

constexpr std::size_t largest_line = std::size_t{16} << 20;
constexpr std::size_t largest_document = std::size_t{64} << 20;

std::string end_line(std::size_t count) {
  return json::to_text(json::Object{{"end", static_cast<std::int64_t>(count)}});
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

} // namespace

Result<json::Value> ObservationHead::over(json::Object head) const {
  if (!source.empty())
    head.set("source", source);
  if (!observed_at.empty())
    head.set("observedAt", observed_at);
  if (is_atomic)
    head.set("mode", "atomic");
  if (!complete.empty()) {
    const std::size_t mark = complete.find('?');
    json::Object what{{"kind", complete.substr(0, mark)}};
    if (mark != std::string::npos)
      what.append("filter", complete.substr(mark + 1));
    head.set("complete", std::move(what));
  }
  if (at_most) {
    json::Value* what = head.find("complete");
    if (what == nullptr || !what->is_object())
      return Error{ErrorCode::invalid, "--at-most is of what is complete: --complete KIND"};
    what->object().set("atMost", *at_most);
  }
  if (!head.contains("source"))
    return Error{ErrorCode::invalid, "an observation needs a source: --source NAME"};
  return json::Value(std::move(head));
}

Error ObservationFile::malformed(std::string_view what) const {
  return {ErrorCode::malformed, "line " + std::to_string(line_) + " " + std::string(what)};
}

Result<std::optional<std::string>> ObservationFile::next() {
  switch (stage_) {
  case Stage::beginning:
    return begin();
  case Stage::document:
    return next_of_document();
  case Stage::lines:
    return next_of_lines();
  case Stage::done:
    break;
  }
  return std::optional<std::string>();
}

Result<std::optional<std::string>> ObservationFile::begin() {
  auto line = TRY(read_line());
  if (!line)
    return Error{ErrorCode::malformed, "the input is empty"};
  const auto first = json::read(*line);
  const bool is_head = first && first->find("source") != nullptr && first->find("items") == nullptr;
  const bool is_item = first && first->find("match") != nullptr;
  if (!is_head && !is_item)
    return std::optional(TRY(begin_document(*line + '\n' + TRY(read_rest()))));
  stage_ = Stage::lines;
  has_head_ = is_head;
  if (is_item)
    first_item_ = std::move(*line);
  return std::optional(json::to_text(TRY(head_.over(is_head ? first->object() : json::Object()))));
}

Result<std::string> ObservationFile::begin_document(std::string text) {
  auto document = TRY(
      json::read(text, {.max_bytes = largest_document, .max_depth = 64, .max_values = 4'000'000}));
  stage_ = Stage::document;
  if (document.is_array()) {
    items_ = std::move(document.array());
    return json::to_text(TRY(head_.over({})));
  }
  if (document.find("match") != nullptr) {
    items_.push_back(std::move(document));
    return json::to_text(TRY(head_.over({})));
  }
  json::Value* items = document.is_object() ? document.object().find("items") : nullptr;
  if (items == nullptr || !items->is_array())
    return Error{ErrorCode::malformed,
                 "this is no observation: it has neither items nor match (--mapping NAME makes one "
                 "of what a tool emits)"};
  items_ = std::move(items->array());
  document.object().erase("items");
  return json::to_text(TRY(head_.over(document.object())));
}

Result<std::optional<std::string>> ObservationFile::next_of_document() {
  if (count_ < items_.size())
    return std::optional(json::to_text(items_[count_++]));
  stage_ = Stage::done;
  return std::optional(end_line(count_));
}

Result<std::optional<std::string>> ObservationFile::next_of_lines() {
  auto line = std::exchange(first_item_, std::nullopt);
  if (!line)
    line = TRY(read_line());
  if (!line && has_head_)
    return Error{ErrorCode::unprocessable,
                 "the lines have a head but no end: they were cut off after " +
                     std::to_string(count_) + " items"};
  if (!line) {
    stage_ = Stage::done;
    return std::optional(end_line(count_));
  }
  const auto item = json::read(*line);
  if (!item)
    return malformed("is no JSON: " + item.error().message);
  if (item->find("end") != nullptr && item->find("match") == nullptr)
    return end(*item);
  if (item->find("match") == nullptr)
    return malformed("is no item: it has no match");
  ++count_;
  return line;
}

Result<std::optional<std::string>> ObservationFile::end(const json::Value& line) {
  const json::Value told(static_cast<std::int64_t>(count_));
  if (!(*line.find("end") == told))
    return Error{ErrorCode::unprocessable, "the end tells of " + json::to_text(*line.find("end")) +
                                               " items, and there are " + std::to_string(count_)};
  if (TRY(read_line()))
    return malformed("stands behind the end");
  stage_ = Stage::done;
  return std::optional(end_line(count_));
}

Result<bool> ObservationFile::read_more() {
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t had = buffer_.size();
  buffer_.resize(had + (std::size_t{1} << 16));
  const std::size_t count = TRY(input_.read(std::span(buffer_).subspan(had)));
  buffer_.resize(had + count);
  return count > 0;
}

Result<std::optional<std::string>> ObservationFile::read_line() {
  while (true) {
    std::size_t end = buffer_.find('\n', at_);
    bool is_last = false;
    while (end == std::string::npos && !is_last) {
      const std::size_t seen = buffer_.size() - at_;
      if (seen > largest_line)
        return Error{ErrorCode::too_large,
                     "line " + std::to_string(line_ + 1) + " has more than 16 MiB"};
      is_last = !TRY(read_more());
      end = buffer_.find('\n', seen);
    }
    if (is_last && at_ == buffer_.size())
      return std::optional<std::string>();
    std::string line = buffer_.substr(at_, is_last ? std::string::npos : end - at_);
    at_ = is_last ? buffer_.size() : end + 1;
    ++line_;
    if (!is_blank(line))
      return std::optional(std::move(line));
  }
}

Result<std::string> ObservationFile::read_rest() {
  while (TRY(read_more()))
    if (buffer_.size() > largest_document)
      return Error{ErrorCode::too_large,
                   "a document has 64 MiB at most; longer ones come as lines (wire.md §8)"};
  return std::exchange(buffer_, {});
}

Result<std::optional<std::string>> MappedObservation::next() {
  if (head_)
    return std::optional(json::to_text(*std::exchange(head_, std::nullopt)));
  if (is_done_)
    return std::optional<std::string>();
  const auto item = TRY(run_.next());
  bar_.show(run_.progress());
  if (item)
    return std::optional(json::to_text(*item));
  bar_.finish();
  is_done_ = true;
  if (is_complete_ && (run_.problem_count() > 0 || run_.item_count() == 0))
    return Error{ErrorCode::unprocessable,
                 run_.item_count() == 0
                     ? "nothing was found, which cannot be complete"
                     : std::to_string(run_.problem_count()) +
                           " could not be mapped, so that the rest is not complete"};
  return std::optional(end_line(run_.item_count()));
}

} // namespace diffo::cli
