#include "server/database_address.h"

#include "base/file.h"
#include "bolt/uri.h"

#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <utility>

namespace diffo::server {
namespace {

struct Credentials {
  std::string user;
  std::string password;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): before any thread
  return value != nullptr ? value : "";
}

/// Errors: forbidden, with how to keep others from reading it.
Result<void> check_private(const std::filesystem::path& file) {
  const auto opened = TRY(FileDescriptor::open(file, O_RDONLY));
  struct stat about{};
  if (fstat(opened.get(), &about) != 0)
    return system_error("looking at", file);
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return Error{ErrorCode::forbidden,
                 "others may read this file of credentials; keep it to yourself with chmod 600",
                 file.string()};
  return {};
}

/// The line up to the next end, which is taken from the text.
std::string take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return std::string(line);
}

Result<Credentials> credentials_in(const std::filesystem::path& file) {
  constexpr std::size_t most_bytes = 4096;
  TRY(check_private(file));
  const std::string content = TRY(read_file(file, most_bytes));
  std::string_view rest = content;
  Credentials found;
  found.user = take_line(rest);
  found.password = take_line(rest);
  if (found.password.empty()) {
    const std::size_t colon = found.user.find(':');
    if (colon != std::string::npos)
      found = {found.user.substr(0, colon), found.user.substr(colon + 1)};
  }
  if (found.user.empty() || found.password.empty())
    return Error{ErrorCode::malformed,
                 "a file of credentials has a line with the user and one with the password, or one "
                 "line user:password",
                 file.string()};
  return found;
}

Result<Credentials> credentials_of(const DatabaseAddress& address) {
  if (!address.credentials.empty())
    return credentials_in(address.credentials);
  Credentials found{variable("DIFFO_NEO4J_USER"), variable("DIFFO_NEO4J_PASSWORD")};
  if (found.password.empty())
    return Error{ErrorCode::unauthenticated,
                 "the database wants to know who asks: set DIFFO_NEO4J_USER and "
                 "DIFFO_NEO4J_PASSWORD, or name a file with --store-credentials",
                 "--store"};
  if (found.user.empty())
    found.user = "neo4j";
  return found;
}

} // namespace

Result<neo4j::ConnectionOptions> read_database_address(const DatabaseAddress& address) {
  // First of all, so that no message repeats a password.
  if (address.uri.find('@') != std::string::npos)
    return Error{ErrorCode::invalid,
                 "the URI holds credentials, which everybody sees who lists the machine's "
                 "processes; put them into DIFFO_NEO4J_USER and DIFFO_NEO4J_PASSWORD, or into a "
                 "file named with --store-credentials",
                 "--store"};
  if (const auto read = bolt::parse_uri(address.uri); !read)
    return Error{ErrorCode::invalid, read.error().message, "--store"};
  const Credentials found = TRY(credentials_of(address));
  neo4j::ConnectionOptions options;
  options.uri = address.uri;
  options.database = address.database;
  options.user = found.user;
  options.password = bolt::Secret(found.password);
  return options;
}

} // namespace diffo::server
