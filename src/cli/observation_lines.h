#pragma once

#include "cli/streamed_input.h"
#include "mapping/mapping.h"

#include <diffo/json.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The lines of an observation as `POST /diffo/v1/observations` takes them (wire.md §8): its head,
/// an item a line, the end with their number.
namespace diffo::cli {

/// What the command line says about an observation; empty where it says nothing.
struct ObservationHead {
  std::string source;
  std::string observed_at;
  std::string complete;                ///< KIND or KIND?FILTER
  std::optional<std::int64_t> at_most; ///< that may be no longer seen
  bool is_atomic = false;

  /// What it says takes the place of what the file says. Errors: invalid without a source.
  [[nodiscard]] Result<json::Value> over(json::Object head) const;
};

/// Gives the next line, without its newline; nothing at the end.
using NextLine = std::function<Result<std::optional<std::string>>()>;

/// The lines of an observation that is one already: one JSON document, `{source, …, items: […]}`
/// or a list of items, which is held in memory; or lines, with or without a head, of which it holds
/// one. Thread rule: one thread.
class ObservationFile {
public:
  ObservationFile(StreamedInput input, ObservationHead head)
      : input_(std::move(input)), head_(std::move(head)) {}
  /// Errors: malformed for what is no observation, with the line; unprocessable for lines with a
  /// head whose end is missing or tells another number: they were cut off.
  Result<std::optional<std::string>> next();

private:
  enum class Stage : std::uint8_t { beginning, document, lines, done };
  Result<std::optional<std::string>> begin();
  Result<std::string> begin_document(std::string text);
  Result<std::optional<std::string>> next_of_document();
  Result<std::optional<std::string>> next_of_lines();
  Result<std::optional<std::string>> end(const json::Value& line);
  /// Nothing at the end of the input; blank lines are passed over.
  Result<std::optional<std::string>> read_line();
  Result<std::string> read_rest();
  Result<bool> read_more();
  [[nodiscard]] Error malformed(std::string_view what) const;

  StreamedInput input_;
  ObservationHead head_;
  Stage stage_ = Stage::beginning;
  json::Array items_{}; ///< of a document
  std::optional<std::string> first_item_{};
  bool has_head_ = false;
  std::size_t count_ = 0; ///< of items that were given out
  std::string buffer_{};
  std::size_t at_ = 0; ///< in the buffer
  std::size_t line_ = 0;
};

/// The lines that a mapping makes of documents. Where the head says that this is everything and it
/// is not, as something could not be mapped or nothing was found, it fails before the end: else
/// what is left out would be taken for gone. Thread rule: one thread.
class MappedObservation {
public:
  /// `run` must outlive it.
  MappedObservation(mapping::Run& run, json::Value head)
      : run_(run), head_(std::move(head)), is_complete_(head_->find("complete") != nullptr) {}
  Result<std::optional<std::string>> next();

private:
  mapping::Run& run_;
  std::optional<json::Value> head_;
  bool is_complete_;
  bool is_done_ = false;
  ProgressBar bar_;
};

} // namespace diffo::cli
