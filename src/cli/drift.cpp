#include "base/file.h"
#include "base/time.h"
#include "base/url_text.h"
#include "cli/commands.h"
#include "cli/exceptions.h"
#include "cli/exit_codes.h"
#include "cli/leaf_table.h"
#include "cli/reader.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace diffo::cli {
namespace {

constexpr std::size_t rows_at_once = 500;

/// Prints rows as they come, and counts them.
class Drift {
public:
  Drift(const DriftCommand& command, Exceptions exceptions)
      : exceptions_(std::move(exceptions)), shows_all_(command.all),
        output_(Output::of(command.format)), table_(output_.paint, SystemClock().now()) {}

  Result<void> take_leaf(const json::Value& leaf) {
    const json::Value* address = leaf.find("address");
    const json::Value* target = leaf.find("target");
    const json::Value* open = leaf.find("outstanding");
    if (address == nullptr || !address->is_string() || target == nullptr || !target->is_object() ||
        open == nullptr || !open->is_boolean())
      return Error{ErrorCode::malformed, "the server's answer is no list of leaves"};
    if (exceptions_.cover(target_of(leaf), address->string())) {
      ++excepted_;
      return {};
    }
    ++(open->boolean() ? outstanding_ : decided_);
    return show(leaf);
  }

  /// Of residues those that could not be evaluated: they have no leaves, and are not met.
  Result<void> take_residue(const json::Value& residue) {
    if (!residue.is_object())
      return Error{ErrorCode::malformed, "the server's answer is no list of residues"};
    if (residue.text_of("error").empty())
      return {};
    ++outstanding_;
    return show(residue);
  }

  Result<void> finish() {
    if (output_.is_text) {
      TRY(write(table_.take()));
      TRY(write(sum()));
    }
    if (std::fflush(stdout) != 0)
      return system_error("writing", "standard output");
    return {};
  }

  [[nodiscard]] bool found() const { return outstanding_ > 0; }

private:
  Result<void> show(const json::Value& row) {
    if (!output_.is_text)
      return write(json_line(row) + '\n');
    table_.add(row);
    return table_.size() < rows_at_once ? Result<void>() : write(table_.take());
  }

  [[nodiscard]] std::string sum() const {
    std::string text = outstanding_ == 0 ? "nothing" : std::to_string(outstanding_);
    text += " outstanding";
    if (shows_all_)
      text += ", " + std::to_string(decided_) + " approved or overruled";
    if (excepted_ > 0)
      text += ", " + std::to_string(excepted_) + " excepted";
    return text + '\n';
  }

  static Result<void> write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
      return system_error("writing", "standard output");
    return {};
  }

  Exceptions exceptions_;
  bool shows_all_;
  Output output_;
  LeafTable table_;
  std::size_t outstanding_ = 0;
  std::size_t decided_ = 0;
  std::size_t excepted_ = 0;
};

/// What was decided is left out, unless it is asked for or the filter speaks of it.
Result<std::string> query_of(const DriftCommand& command) {
  std::string query = encoded_query(command.filter);
  const auto parameters = split_query(query);
  constexpr std::array<std::string_view, 5> of_pages{"limit", "offset", "after", "sort", "asPatch"};
  for (const auto& one : parameters)
    if (std::find(of_pages.begin(), of_pages.end(), one.name) != of_pages.end())
      return Error{ErrorCode::invalid, "is no filter: all that it finds is shown, oldest first",
                   std::string(one.name)};
  const bool speaks = std::any_of(parameters.begin(), parameters.end(), [](const auto& one) {
    return one.name == "outstanding" || one.name == "approved";
  });
  if (!command.all && !speaks)
    query += query.empty() ? "outstanding=true" : "&outstanding=true";
  return query;
}

Result<bool> show_drift(const DriftCommand& command) {
  Exceptions exceptions;
  if (!command.exceptions.empty())
    exceptions = TRY(Exceptions::read(command.exceptions));
  Reader reader = TRY(Reader::make(command.server));
  Drift drift(command, std::move(exceptions));
  const std::string query = TRY(query_of(command));
  TRY(reader.for_each_row("/diffo/v1/leaves", query,
                          [&](const json::Value& row) { return drift.take_leaf(row); }));
  TRY(reader.for_each_row("/diffo/v1/residues", query,
                          [&](const json::Value& row) { return drift.take_residue(row); }));
  TRY(drift.finish());
  return drift.found();
}

} // namespace

int drift(const DriftCommand& command) {
  const auto found = show_drift(command);
  if (!found)
    return report(found.error());
  return *found && command.exit_code ? exit_found : exit_ok;
}

} // namespace diffo::cli
