#include "server/transfer/copy.h"
#include "base/time.h"
#include "base/uuid.h"
#include "cli/exit_codes.h"
#include "cli/place.h"
#include "server/principal.h"

#include <cstdio>
#include <unistd.h>

namespace diffo::cli {
namespace {

Place place_of(const CopyPlace& end) {
  if (end.place.find("://") == std::string::npos)
    return {.server = {}, .data = end.place};
  return {.server = {},
          .data = {},
          .database = {.uri = end.place, .name = end.database, .credentials = end.credentials}};
}

void show_progress(std::uint64_t done, std::uint64_t total) {
  std::fprintf(stderr, "\r%llu of %llu records", static_cast<unsigned long long>(done),
               static_cast<unsigned long long>(total));
  if (done >= total)
    std::fprintf(stderr, "\n");
}

Result<server::CopyReport> copied(const CopyCommand& command) {
  if (command.from.place == command.to.place && command.from.database == command.to.database)
    return Error{ErrorCode::invalid, "an inventory cannot be copied into itself", "--to"};
  const OpenStore source = TRY(OpenStore::open(place_of(command.from), Folder::only_read));
  const OpenStore target = TRY(OpenStore::open(place_of(command.to), Folder::may_be_made));
  const SystemClock clock;
  SystemUuids uuids;
  server::CopyOptions options;
  options.source = command.from.place + command.from.database;
  options.context = server::context_of(*server::local_principal(), "copy", clock, uuids);
  options.clock = &clock;
  if (isatty(STDERR_FILENO) == 1)
    options.progress = show_progress;
  return server::copy_store(source.store(), target.store(), options);
}

} // namespace

int copy(const CopyCommand& command) {
  const auto done = copied(command);
  if (!done)
    return report(done.error());
  std::printf("%llu records and %llu claims are there and the same",
              static_cast<unsigned long long>(done->records),
              static_cast<unsigned long long>(done->claims));
  if (done->found != 0)
    std::printf("; %llu had come before", static_cast<unsigned long long>(done->found));
  if (done->untold != 0)
    std::printf("; %llu subscribers to events have not been told of everything",
                static_cast<unsigned long long>(done->untold));
  std::printf("\n");
  return exit_ok;
}

} // namespace diffo::cli
