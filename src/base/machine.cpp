#include "base/machine.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <pthread.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace diffo {
namespace {

/// The number in a control group's file; nothing for "max", for no such file, for anything else.
std::optional<std::uint64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  if (!(file >> text))
    return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

/// The least limit of a group and all groups above it.
std::uint64_t least_upwards(const std::string& root, std::string group, const char* file) {
  std::uint64_t least = UINT64_MAX;
  while (true) {
    least = std::min(least, number_in(root + group + '/' + file).value_or(UINT64_MAX));
    if (group.empty())
      return least;
    group.resize(std::min(group.rfind('/'), group.size()));
    if (group == "/")
      group.clear();
  }
}

/// Control groups of both versions: lines of "number:controllers:group", cgroups(7).
std::uint64_t control_group_limit() {
  std::uint64_t least = UINT64_MAX;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos)
      continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    std::string group = line.substr(second + 1);
    if (group == "/")
      group.clear();
    if (controllers.empty())
      least = std::min(least, least_upwards("/sys/fs/cgroup", group, "memory.max"));
    else if (("," + controllers + ",").find(",memory,") != std::string::npos)
      least =
          std::min(least, least_upwards("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes"));
  }
  return least;
}

std::uint64_t resource_limit(__rlimit_resource what) {
  rlimit limit{};
  if (::getrlimit(what, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return UINT64_MAX;
  return limit.rlim_cur;
}

} // namespace

std::uint64_t memory_limit_bytes() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  std::uint64_t least = UINT64_MAX;
  if (pages > 0 && page_bytes > 0)
    least = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
  return std::min(
      {least, control_group_limit(), resource_limit(RLIMIT_AS), resource_limit(RLIMIT_DATA)});
}

std::uint64_t raise_open_files(std::uint64_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 256; // what POSIX systems grant at least
  if (limit.rlim_cur < wanted && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
      ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  return limit.rlim_cur;
}

void lower_priority(int niceness) {
  if (niceness != 0) // on Linux the nice value is the thread's own
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
}

void name_thread(const char* name) {
  ::pthread_setname_np(::pthread_self(), name);
}

} // namespace diffo
