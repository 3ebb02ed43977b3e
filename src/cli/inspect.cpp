#include "base/text.h"
#include "cli/exit_codes.h"
#include "cli/place.h"
#include "server/open_store.h"
#include "server/surfaces/journal_view.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace diffo::cli {
namespace {

constexpr std::size_t entries_at_once = 500;
constexpr graph::Sequence from_oldest = 0;

Result<std::vector<std::string>> findings_of_server(const Place& place) {
  http::Client client = TRY(client_of(place, true));
  http::ClientRequest request;
  request.method = "POST";
  request.target = "/diffo/v1/check";
  const http::ClientAnswer answer = TRY(client.send(request));
  const auto body = json::read(answer.body);
  const json::Value* list = body && answer.status == 200 ? body->find("findings") : nullptr;
  if (list == nullptr || !list->is_array())
    return error_of(answer);
  std::vector<std::string> findings;
  for (const json::Value& finding : list->array())
    findings.push_back(finding.is_string() ? finding.string() : json::to_text(finding));
  return findings;
}

Result<std::vector<std::string>> findings_of_store(const Place& place) {
  std::vector<std::string> findings;
  const auto sink = [&findings](const Error& finding) { findings.push_back(finding.text()); };
  if (place.database.uri.empty())
    TRY(server::check_store(place.data, sink));
  else
    TRY(TRY(OpenStore::open(place, Folder::only_read)).store().check(sink));
  return findings;
}

struct Printed {
  graph::Sequence next = 0; ///< where to go on; 0: nowhere
  std::size_t count = 0;
};

/// Prints entries as lines.
Result<Printed> print_store(graph::Store& store, graph::Sequence from, std::size_t limit) {
  const auto entries = TRY(store.journal(from == from_oldest ? store.oldest_entry() : from, limit));
  for (const graph::JournalEntry& entry : entries)
    std::printf("%s\n", json::to_text(server::journal_view(entry, store)).c_str());
  return Printed{entries.empty() ? 0 : entries.back().sequence + 1, entries.size()};
}

Result<Printed> print_server(http::Client& client, graph::Sequence from, std::size_t limit) {
  http::ClientRequest request;
  request.target = "/diffo/v1/journal?limit=" + std::to_string(limit);
  if (from != from_oldest)
    request.target += "&from=" + std::to_string(from);
  const http::ClientAnswer answer = TRY(client.send(request));
  const auto body = json::read(answer.body, {.max_bytes = std::size_t{64} << 20, .max_depth = 128});
  if (!body || answer.status != 200 || !body->is_array())
    return error_of(answer);
  graph::Sequence last = 0;
  for (const json::Value& entry : body->array()) {
    std::printf("%s\n", json::to_text(entry).c_str());
    if (const json::Value* sequence = entry.find("sequence"))
      last = static_cast<graph::Sequence>(sequence->as_double());
  }
  return Printed{last == 0 ? 0 : last + 1, body->array().size()};
}

template <typename Print> Result<void> print_all(const JournalCommand& command, Print print) {
  graph::Sequence next = command.from;
  unsigned long long left = command.limit;
  do {
    const std::size_t page =
        command.limit == 0 ? entries_at_once : std::min<std::size_t>(left, entries_at_once);
    const Printed printed = TRY(print(next, page));
    next = printed.next;
    left -= std::min<unsigned long long>(left, printed.count);
  } while (next != 0 && (command.limit == 0 || left > 0));
  return {};
}

Result<void> print_journal(const JournalCommand& command) {
  if (!command.place.is_server()) {
    const OpenStore opened = TRY(OpenStore::open(command.place, Folder::only_read));
    return print_all(command, [&](graph::Sequence from, std::size_t limit) {
      return print_store(opened.store(), from, limit);
    });
  }
  http::Client client = TRY(client_of(command.place, false));
  return print_all(command, [&](graph::Sequence from, std::size_t limit) {
    return print_server(client, from, limit);
  });
}

} // namespace

int check(const CheckCommand& command) {
  const auto findings = command.place.is_server() ? findings_of_server(command.place)
                                                  : findings_of_store(command.place);
  if (!findings)
    return report(findings.error());
  for (const std::string& finding : *findings)
    std::printf("%s\n", printable(finding).c_str());
  if (findings->empty())
    std::printf("clean\n");
  else
    std::printf("%zu findings\n", findings->size());
  return findings->empty() ? exit_ok : exit_found;
}

int backup(const BackupCommand& command) {
  const auto made = server::backup_store(command.data, command.target);
  if (!made)
    return report(made.error());
  std::printf("%s\n", printable(made->folder.string()).c_str());
  return exit_ok;
}

int journal(const JournalCommand& command) {
  const auto done = print_journal(command);
  return done ? exit_ok : report(done.error());
}

} // namespace diffo::cli
