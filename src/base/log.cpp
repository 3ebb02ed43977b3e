#include "base/log.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>

namespace diffo {
namespace {

constexpr std::size_t access_queue_lines = 8192;

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
  case LogLevel::debug:
    return spdlog::level::debug;
  case LogLevel::info:
    return spdlog::level::info;
  case LogLevel::warning:
    return spdlog::level::warn;
  case LogLevel::error:
    return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// Appends the text with control characters and quotes escaped.
void append_escaped(std::string_view text, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 0x0FU];
    } else {
      out += c;
    }
  }
}

/// Appends a value of a field, in quotes when it would otherwise not be seen as one word.
void append_value(std::string_view value, std::string& out) {
  const bool one_word = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != '"' && c != '=' && c != '\\' && c != 0x7F;
  });
  if (one_word) {
    out += value;
    return;
  }
  out += '"';
  append_escaped(value, out);
  out += '"';
}

void append_field(std::string_view name, std::string_view value, std::string& out) {
  out += ' ';
  out += name;
  out += '=';
  append_value(value, out);
}

Result<spdlog::sink_ptr> open_sink(const std::string& file) {
  if (file.empty())
    return spdlog::sink_ptr(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  try {
    return spdlog::sink_ptr(std::make_shared<spdlog::sinks::basic_file_sink_mt>(file));
  } catch (const spdlog::spdlog_ex& failure) {
    return Error{ErrorCode::io, failure.what(), file};
  }
}

} // namespace

/// The thread pool stands first: the access logger's queue ends with it, when all lines are
/// written.
struct Log::Sinks {
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::logger> server;
  std::shared_ptr<spdlog::async_logger> access;
};

Result<LogLevel> parse_log_level(std::string_view text) {
  if (text == "debug")
    return LogLevel::debug;
  if (text == "info")
    return LogLevel::info;
  if (text == "warning")
    return LogLevel::warning;
  if (text == "error")
    return LogLevel::error;
  return Error{ErrorCode::invalid, "a log level is debug, info, warning or error"};
}

Log::Log(std::unique_ptr<Sinks> sinks) : sinks_(std::move(sinks)) {}
Log::Log(Log&&) noexcept = default;
Log& Log::operator=(Log&&) noexcept = default;
Log::~Log() = default;

Result<Log> Log::open(const LogOptions& options) {
  auto sinks = std::make_unique<Sinks>();
  sinks->server = std::make_shared<spdlog::logger>("server", TRY(open_sink(options.file)));
  sinks->server->set_level(level_of(options.level));
  sinks->server->flush_on(spdlog::level::info);
  sinks->server->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      "%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
  if (options.log_access) {
    sinks->pool = std::make_shared<spdlog::details::thread_pool>(access_queue_lines, 1);
    sinks->access = std::make_shared<spdlog::async_logger>(
        "access", TRY(open_sink(options.access_file)), sinks->pool,
        spdlog::async_overflow_policy::overrun_oldest);
    sinks->access->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc));
  }
  return Log(std::move(sinks));
}

Log Log::silent() {
  auto sinks = std::make_unique<Sinks>();
  sinks->server =
      std::make_shared<spdlog::logger>("silent", std::make_shared<spdlog::sinks::null_sink_mt>());
  sinks->server->set_level(spdlog::level::off);
  return Log(std::move(sinks));
}

void Log::debug(std::string_view message, std::initializer_list<LogField> fields) const {
  write(LogLevel::debug, message, fields);
}

void Log::info(std::string_view message, std::initializer_list<LogField> fields) const {
  write(LogLevel::info, message, fields);
}

void Log::warning(std::string_view message, std::initializer_list<LogField> fields) const {
  write(LogLevel::warning, message, fields);
}

void Log::error(std::string_view message, std::initializer_list<LogField> fields) const {
  write(LogLevel::error, message, fields);
}

bool Log::keeps(LogLevel level) const {
  return sinks_->server->should_log(level_of(level));
}

bool Log::keeps_access() const {
  return sinks_->access != nullptr;
}

void Log::write(LogLevel level, std::string_view message,
                std::initializer_list<LogField> fields) const {
  if (!keeps(level))
    return;
  std::string line;
  append_escaped(message, line);
  for (const LogField& field : fields)
    append_field(field.name, field.value, line);
  sinks_->server->log(level_of(level), spdlog::string_view_t(line));
}

void Log::access(const AccessEntry& entry) const {
  if (!keeps_access())
    return;
  std::string line;
  append_value(entry.client, line);
  append_field("user", entry.user.empty() ? "-" : entry.user, line);
  append_field("method", entry.method, line);
  append_field("target", entry.target, line);
  append_field("status", std::to_string(entry.status), line);
  append_field("bytes", std::to_string(entry.bytes), line);
  append_field("us", std::to_string(entry.microseconds), line);
  append_field("request", entry.request_id, line);
  sinks_->access->log(spdlog::level::info, spdlog::string_view_t(line));
}

} // namespace diffo
