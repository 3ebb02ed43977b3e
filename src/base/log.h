#pragma once

#include "base/secret.h"

#include <diffo/result.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace diffo {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// `debug`, `info`, `warning` or `error`.
Result<LogLevel> parse_log_level(std::string_view text);

/// A named fact that stands behind a log message, as name=value. A Secret is refused by the
/// compiler.
struct LogField {
  LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, const char* text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, const std::string& text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, std::int64_t number)
      : name(field_name), value(std::to_string(number)) {}
  LogField(std::string_view field_name, std::uint64_t number)
      : name(field_name), value(std::to_string(number)) {}
  LogField(std::string_view field_name, int number)
      : name(field_name), value(std::to_string(number)) {}
  LogField(std::string_view, const Secret&) = delete;
  LogField(std::string_view, bool) = delete; // say what is true instead

  std::string_view name;
  std::string value;
};

/// One answered request.
struct AccessEntry {
  std::string_view client{}; ///< address of the peer
  std::string_view user{};   ///< who was asking, empty if nobody
  std::string_view method{};
  std::string_view target{}; ///< path and query; the caller leaves out what must not be kept
  int status = 0;
  std::uint64_t bytes = 0; ///< of the answer's body
  std::int64_t microseconds = 0;
  std::string_view request_id{};
};

struct LogOptions {
  LogLevel level = LogLevel::info;
  std::string file{};        ///< where the server log goes; empty: standard error
  bool log_access = false;   ///< whether answered requests are logged
  std::string access_file{}; ///< where they go; empty: standard error
};

/// The server log and the access log: lines of text, one an event, times in UTC. Control characters
/// are escaped, so that an event cannot fake another one. The access log is written by a thread of
/// its own, is on its way to the disk within a second, and drops its oldest lines rather than make
/// a request wait. Any thread.
class Log {
public:
  /// ErrorCode::io when a file cannot be opened for appending.
  static Result<Log> open(const LogOptions& options);
  /// A log that keeps nothing, for tests.
  static Log silent();

  Log(Log&&) noexcept;
  Log& operator=(Log&&) noexcept;
  ~Log();

  void debug(std::string_view message, std::initializer_list<LogField> fields = {}) const;
  void info(std::string_view message, std::initializer_list<LogField> fields = {}) const;
  void warning(std::string_view message, std::initializer_list<LogField> fields = {}) const;
  void error(std::string_view message, std::initializer_list<LogField> fields = {}) const;
  /// Whether a message of this level would be kept; ask before preparing a costly one.
  [[nodiscard]] bool keeps(LogLevel level) const;

  /// Opens the files anew under their names, after log rotation has moved them away. A file that
  /// cannot be opened stays the old one, and the error tells.
  Result<void> reopen() const;

  void access(const AccessEntry& entry) const;
  [[nodiscard]] bool keeps_access() const;

private:
  struct Sinks;
  explicit Log(std::unique_ptr<Sinks> sinks);
  void write(LogLevel level, std::string_view message,
             std::initializer_list<LogField> fields) const;

  std::unique_ptr<Sinks> sinks_;
};

} // namespace diffo
