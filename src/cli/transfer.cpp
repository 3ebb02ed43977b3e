#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"
#include "cli/exit_codes.h"
#include "cli/place.h"
#include "cli/streamed_input.h"
#include "server/principal.h"
#include "server/transfer/export.h"
#include "server/transfer/import.h"

#include <cstdio>
#include <fcntl.h>

namespace diffo::cli {
namespace {

/// What became of the lines; of an import that broke off, of those before.
int show_report(const json::Value& report) {
  const auto count = [&report](const char* name) {
    const json::Value* value = report.find(name);
    return value != nullptr && value->if_integer() != nullptr ? *value->if_integer() : 0;
  };
  const json::Value* rejections = report.find("rejections");
  if (rejections != nullptr && rejections->is_array())
    for (const json::Value& rejected : rejections->array()) {
      const json::Value* line = rejected.find("line");
      const std::string id = printable(rejected.text_of("id"));
      const std::string message = printable(rejected.text_of("message"));
      std::fprintf(stderr, "line %lld%s%s: %s\n",
                   line != nullptr ? static_cast<long long>(line->as_double()) : 0LL,
                   id.empty() ? "" : ", id ", id.c_str(), message.c_str());
    }
  const json::Value* broke_in = report.find("brokeInLine");
  if (broke_in != nullptr)
    std::fprintf(stderr, "diffo: it broke off in line %lld: %s\n",
                 static_cast<long long>(count("brokeInLine")),
                 printable(report.text_of("message")).c_str());
  const json::Value* stored = report.find("stored");
  const bool nothing = stored != nullptr && stored->is_boolean() && !stored->boolean();
  std::printf("%lld lines: %lld created, %lld unchanged, %lld rejected%s\n",
              static_cast<long long>(count("lines")), static_cast<long long>(count("created")),
              static_cast<long long>(count("unchanged")), static_cast<long long>(count("rejected")),
              nothing ? "; nothing was stored" : "");
  if (broke_in != nullptr)
    return exit_trouble;
  return count("rejected") > 0 ? exit_found : exit_ok;
}

Result<void> feed(server::Importer& importer, StreamedInput& input) {
  std::string buffer(std::size_t{1} << 16, '\0');
  while (const std::size_t count = TRY(input.read(buffer)))
    TRY(importer.feed(std::string_view(buffer).substr(0, count)));
  return {};
}

Result<json::Value> import_into_store(const ImportCommand& command, StreamedInput& input) {
  const OpenStore opened = TRY(OpenStore::open(command.place, Folder::may_be_made));
  const SystemClock clock;
  SystemUuids uuids;
  server::ImportOptions options;
  if (command.mode == "atomic")
    options.mode = server::ImportMode::atomic;
  options.as = model::api_named(command.as);
  const auto context = [&] {
    return server::context_of(*server::local_principal(), "import", clock, uuids);
  };
  http::MemoryBudget memory(server::default_import_bytes);
  server::Importer importer(opened.store(), context, options, memory);
  const auto fed = feed(importer, input);
  const auto report = fed ? importer.finish() : Result<server::ImportReport>(fed.error());
  if (report)
    return report->to_json();
  const server::ImportReport before = importer.break_off();
  if (before.lines == 0 || (fed && !before.stored))
    return report.error();
  json::Value view = before.to_json();
  view.object().set("message", report.error().text());
  return view;
}

Result<json::Value> import_into_server(const ImportCommand& command, StreamedInput& input) {
  http::Client client = TRY(client_of(command.place, true));
  http::ClientRequest request;
  request.method = "POST";
  request.target =
      "/diffo/v1/import?mode=" + command.mode + (command.as.empty() ? "" : "&as=" + command.as);
  request.headers = {{"Content-Type", "application/x-ndjson"}};
  request.upload = [&input](std::span<char> into) { return input.read(into); };
  const http::ClientAnswer answer = TRY(client.send(request));
  auto report = json::read(answer.body);
  if (!report || report->find("lines") == nullptr)
    return error_of(answer);
  return report;
}

/// Where an export goes: standard output, or a file that appears only when it is complete.
class Output {
public:
  static Result<Output> open(const std::string& file) {
    Output output;
    if (file == "-")
      return output;
    output.path_ = file;
    output.file_ = TRY(FileDescriptor::open(output.partial(), O_WRONLY | O_CREAT | O_TRUNC));
    return output;
  }

  Result<void> write(std::string_view bytes) {
    if (file_.is_open())
      return write_all(file_, bytes, partial());
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size())
      return system_error("writing", "standard output");
    return {};
  }

  Result<void> finish() {
    if (!file_.is_open())
      return std::fflush(stdout) == 0 ? Result<void>() : system_error("writing", "standard output");
    if (fsync(file_.get()) != 0)
      return system_error("syncing", partial());
    std::error_code problem;
    std::filesystem::rename(partial(), path_, problem);
    if (problem)
      return Error{ErrorCode::io, "cannot rename " + partial() + ": " + problem.message()};
    return {};
  }

private:
  [[nodiscard]] std::string partial() const { return path_ + ".part"; }
  std::string path_;
  FileDescriptor file_;
};

Result<void> export_store(const Place& place, Output& output) {
  const OpenStore opened = TRY(OpenStore::open(place, Folder::only_read));
  server::Exporter exporter(opened.store(), server::local_principal()->tenant);
  std::string lines;
  while (TRY(exporter.next(lines))) {
    TRY(output.write(lines));
    lines.clear();
  }
  return {};
}

Result<void> export_server(const Place& place, Output& output) {
  http::Client client = TRY(client_of(place, true));
  http::ClientRequest request;
  request.target = "/diffo/v1/export";
  http::ClientAnswer failed;
  request.download = [&](int status, std::string_view piece) -> Result<void> {
    if (status == 200)
      return output.write(piece);
    failed.body += piece;
    return {};
  };
  const http::ClientAnswer answer = TRY(client.send(request));
  if (answer.status == 200)
    return {};
  failed.status = answer.status;
  return error_of(failed);
}

} // namespace

int import_records(const ImportCommand& command) {
  auto input = StreamedInput::open(command.file);
  if (!input)
    return report(input.error());
  const auto outcome = command.place.is_server() ? import_into_server(command, *input)
                                                 : import_into_store(command, *input);
  return outcome ? show_report(*outcome) : report(outcome.error());
}

int export_records(const ExportCommand& command) {
  auto output = Output::open(command.file);
  if (!output)
    return report(output.error());
  auto done = command.place.is_server() ? export_server(command.place, *output)
                                        : export_store(command.place, *output);
  if (done)
    done = output->finish();
  return done ? exit_ok : report(done.error());
}

} // namespace diffo::cli
