#include "server/backup_folder.h"

#include <algorithm>
#include <string>
#include <system_error>

namespace diffo::server {
namespace {

constexpr const char* where = "/folder";

bool lies_below(const std::filesystem::path& path, const std::filesystem::path& root) {
  const auto [in_root, in_path] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return in_root == root.end() && in_path != path.end();
}

/// Without links, dots and a slash at the end, as far as it exists.
Result<std::filesystem::path> resolved(const std::filesystem::path& path) {
  std::error_code problem;
  std::filesystem::path found = std::filesystem::weakly_canonical(path, problem);
  if (problem)
    return Error{ErrorCode::invalid, "cannot be looked at: " + problem.message(), where};
  return found.has_filename() ? found : found.parent_path();
}

} // namespace

Result<std::filesystem::path> backup_folder(const std::filesystem::path& root,
                                            std::string_view asked) {
  if (root.empty())
    return Error{
        ErrorCode::forbidden,
        "this server makes no backups over HTTP: it was started without --backup-root, the "
        "folder below which they may be written"};
  if (asked.empty() || asked.find('\0') != std::string_view::npos)
    return Error{ErrorCode::invalid, "name an absent or empty folder below " + root.string(),
                 where};
  const std::filesystem::path whole = TRY(resolved(std::filesystem::absolute(root)));
  const std::filesystem::path folder = TRY(resolved(whole / std::filesystem::path(asked)));
  if (!lies_below(folder, whole))
    return Error{ErrorCode::forbidden,
                 "backups are written only below " + whole.string() +
                     ", each in a folder of its own",
                 where};
  return folder;
}

} // namespace diffo::server
