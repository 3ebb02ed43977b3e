// Loaded before a program (LD_PRELOAD), writes what it syncs, a path a line, into the file that
// SYNC_LOG names.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

extern "C" int fsync(int file) {
  static const char* const log = std::getenv("SYNC_LOG");
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t length = readlink(link.c_str(), path.data(), path.size());
  if (const int out =
          log != nullptr && length > 0 ? open(log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
      out >= 0) {
    const std::string line = std::string(path.data(), static_cast<std::size_t>(length)) + '\n';
    static_cast<void>(!write(out, line.data(), line.size()));
    close(out);
  }
  using Sync = int (*)(int);
  static const auto next = reinterpret_cast<Sync>(dlsym(RTLD_NEXT, "fsync"));
  return next(file);
}
