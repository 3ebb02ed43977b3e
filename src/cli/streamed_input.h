#pragma once

#include "base/file.h"

#include <diffo/result.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unistd.h>

namespace diffo::cli {

/// How far a long work is, on standard error where that is a terminal; else it shows nothing.
/// Thread rule: one thread.
class ProgressBar {
public:
  /// From 0 to 1.
  void show(double done);
  /// Ends its line.
  void finish();

private:
  int shown_ = -1;
  bool terminal_ = isatty(STDERR_FILENO) == 1;
};

/// Reads a file or standard input once and shows how far it is. Thread rule: one thread.
class StreamedInput {
public:
  /// `-` is standard input.
  static Result<StreamedInput> open(const std::string& file);
  /// Zero at the end.
  Result<std::size_t> read(std::span<char> into);

private:
  FileDescriptor file_;
  std::uint64_t size_ = 0;
  std::uint64_t done_ = 0;
  ProgressBar bar_;
};

} // namespace diffo::cli
