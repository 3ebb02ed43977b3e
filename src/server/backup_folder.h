#pragma once

#include <diffo/result.h>

#include <filesystem>
#include <string_view>

namespace diffo::server {

/// The absolute folder for a backup that a request asks for: a name below the configured root, or
/// an absolute path that lies below it. Without a root nobody may write anywhere over HTTP. Links
/// on the way are followed before it is looked where the folder lies. Errors: forbidden, invalid.
Result<std::filesystem::path> backup_folder(const std::filesystem::path& root,
                                            std::string_view asked);

} // namespace diffo::server
