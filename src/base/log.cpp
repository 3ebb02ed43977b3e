#include "base/log.h"

#include "base/text.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/file_helper.h>
#include <spdlog/details/periodic_worker.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <vector>

namespace diffo {
namespace {

constexpr std::size_t access_queue_lines = 8192;
constexpr std::chrono::seconds flush_interval{1};

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

/// Appends a value of a field, in quotes when it would otherwise not be seen as one word.
void append_value(std::string_view value, std::string& out) {
  const bool one_word = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return c > 0x20 && c < 0x7F && c != '"' && c != '=' && c != '\\';
  });
  if (one_word) {
    out += value;
    return;
  }
  out += '"';
  append_printable(out, value, Quoting::quoted);
  out += '"';
}

void append_field(std::string_view name, std::string_view value, std::string& out) {
  out += ' ';
  out += name;
  out += '=';
  append_value(value, out);
}

/// Writes to a file that can be opened anew under its name. Any thread.
class LogFile final : public spdlog::sinks::base_sink<std::mutex> {
public:
  /// Errors: io. Also opens it anew; then a failure leaves the old one in use.
  Result<void> open(const std::string& file) {
    auto fresh = std::make_unique<spdlog::details::file_helper>();
    try {
      fresh->open(file);
    } catch (const spdlog::spdlog_ex& failure) {
      return Error{ErrorCode::io, failure.what(), file};
    }
    const std::lock_guard lock(mutex_);
    file_ = std::move(fresh);
    return {};
  }

private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    file_->write(formatted);
  }
  void flush_() override { file_->flush(); }

  std::unique_ptr<spdlog::details::file_helper> file_;
};

/// Where one of the logs goes.
struct Target {
  static Result<Target> open(const std::string& file) {
    Target made;
    made.name = file;
    if (file.empty()) {
      made.sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
      return made;
    }
    made.file = std::make_shared<LogFile>();
    TRY(made.file->open(file));
    made.sink = made.file;
    return made;
  }

  std::string name;
  spdlog::sink_ptr sink;         // shared with the logger, as spdlog demands; so is the next
  std::shared_ptr<LogFile> file; // the sink again; null for standard error
};

} // namespace

/// The thread pool stands first: the access logger's queue ends with it, when all lines are
/// written.
struct Log::Sinks {
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::logger> server;
  std::shared_ptr<spdlog::async_logger> access;
  std::vector<Target> targets;
  /// Last, because it calls the sink of the access log.
  std::unique_ptr<spdlog::details::periodic_worker> flusher;
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
  const Target server = TRY(Target::open(options.file));
  sinks->targets.push_back(server);
  sinks->server = std::make_shared<spdlog::logger>("server", server.sink);
  sinks->server->set_level(level_of(options.level));
  sinks->server->flush_on(spdlog::level::info);
  sinks->server->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      "%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
  if (options.log_access) {
    sinks->pool = std::make_shared<spdlog::details::thread_pool>(access_queue_lines, 1);
    const Target access = TRY(Target::open(options.access_file));
    sinks->targets.push_back(access);
    sinks->access = std::make_shared<spdlog::async_logger>(
        "access", access.sink, sinks->pool, spdlog::async_overflow_policy::overrun_oldest);
    sinks->access->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc));
    sinks->flusher = std::make_unique<spdlog::details::periodic_worker>(
        [sink = access.sink] { sink->flush(); }, flush_interval);
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
  append_printable(line, message, Quoting::quoted);
  for (const LogField& field : fields)
    append_field(field.name, field.value, line);
  sinks_->server->log(level_of(level), spdlog::string_view_t(line));
}

Result<void> Log::reopen() const {
  Result<void> outcome;
  for (const Target& target : sinks_->targets)
    if (target.file != nullptr)
      if (auto opened = target.file->open(target.name); !opened)
        outcome = std::move(opened);
  return outcome;
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
