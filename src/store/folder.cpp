#include "store/folder.h"

#include "base/byte_order.h"
#include "base/checksum.h"
#include "graph/packed.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace diffo::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view format_text = "diffo folder, format ";
constexpr std::string_view mark_text = "diffo mark 1\n";
constexpr std::size_t hash_bytes = sizeof(graph::Hash);
constexpr std::size_t mark_bytes = mark_text.size() + 8 + hash_bytes + 8 + 4;
constexpr std::size_t probe_bytes = std::size_t{1} << 20;
constexpr std::size_t checksum_bytes = 4;
// Table files and logs may be large; everything else the engine writes is small.
constexpr std::size_t max_sealed_bytes = std::size_t{1} << 30;

fs::path mark_path(const fs::path& folder) {
  return folder / "mark";
}
fs::path seal_path(const fs::path& folder) {
  return folder / "seal";
}
fs::path format_path(const fs::path& folder) {
  return folder / "format";
}
/// What is being made in the folder, until its format file is there.
fs::path unfinished_path(const fs::path& folder) {
  return folder / "unfinished";
}
std::string_view text_of(Making what) {
  return what == Making::backup ? "backup\n" : "store\n";
}

Error io_error(const std::string& doing, const std::error_code& failure, const fs::path& path) {
  return {ErrorCode::io, doing + ": " + failure.message(), path.string()};
}

void append_checksum(std::string& out) {
  append_little_endian(out, crc32c(out));
}

bool has_checksum(std::string_view bytes) {
  return bytes.size() >= checksum_bytes &&
         crc32c(bytes.substr(0, bytes.size() - checksum_bytes)) ==
             little_endian(bytes.substr(bytes.size() - checksum_bytes));
}

bool is_sealed(const fs::path& file) {
  // Table files carry a checksum in the manifest; the lock is empty.
  return file.extension() != ".sst" && file.filename() != "LOCK";
}

Result<std::string> seal_text(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(engine_folder(folder), failure))
    if (is_sealed(entry.path()))
      files.push_back(entry.path());
  if (failure)
    return Error{ErrorCode::io, "cannot list the folder: " + failure.message(), folder.string()};
  std::sort(files.begin(), files.end());
  std::string out;
  for (const fs::path& file : files) {
    const std::string bytes = TRY(read_file(file, max_sealed_bytes));
    out += file.filename().string() + ' ' + std::to_string(bytes.size()) + ' ' +
           std::to_string(crc32c(bytes)) + '\n';
  }
  append_checksum(out);
  return out;
}

} // namespace

fs::path engine_folder(const fs::path& folder) {
  return folder / "engine";
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code failure;
  std::vector<fs::path> missing;
  for (fs::path at = fs::absolute(folder, failure).lexically_normal();
       !failure && !at.empty() && !fs::exists(at, failure) && at != at.root_path();
       at = at.parent_path())
    if (at.has_filename())
      missing.push_back(at);
  if (failure)
    return io_error("cannot look for the folder", failure, folder);
  for (; !missing.empty(); missing.pop_back()) {
    const fs::path& next = missing.back();
    if (::mkdir(next.c_str(), private_folder_mode) != 0 && errno != EEXIST)
      return system_error("cannot make the folder", next);
    TRY(sync_directory(next.parent_path()));
  }
  return {};
}

namespace {

Result<void> check_format(const fs::path& folder, const std::string& text) {
  const std::string wanted = std::string(format_text) + std::to_string(format_version) + '\n';
  if (text == wanted)
    return {};
  if (text.starts_with(format_text))
    return Error{ErrorCode::unsupported,
                 "the data folder has another format (" +
                     text.substr(format_text.size(), text.find('\n') - format_text.size()) +
                     "); this program reads " + std::to_string(format_version),
                 folder.string()};
  return Error{ErrorCode::corrupt,
               "the format file is damaged, or of a program before the first release",
               format_path(folder).string()};
}

} // namespace

Result<FolderState> look_at_folder(const fs::path& folder) {
  std::error_code failure;
  const bool has_engine = fs::exists(engine_folder(folder) / "CURRENT", failure);
  const auto format = read_file(format_path(folder), 4096);
  if (format) {
    TRY(check_format(folder, *format));
    if (!has_engine)
      return Error{ErrorCode::corrupt, "the tables are missing: this was a data folder once",
                   engine_folder(folder).string()};
    return FolderState::finished;
  }
  if (format.error().code != ErrorCode::not_found)
    return format.error();
  const auto unfinished = read_file(unfinished_path(folder), 4096);
  if (unfinished && *unfinished == text_of(Making::backup))
    return Error{ErrorCode::corrupt, "the backup in this folder was never finished; make another",
                 folder.string()};
  if (!unfinished && (has_engine || fs::exists(mark_path(folder), failure)))
    return Error{ErrorCode::corrupt, "the format file is missing", format_path(folder).string()};
  return FolderState::fresh;
}

Result<void> begin_folder(const fs::path& folder, Making what) {
  TRY(write_file_atomically(unfinished_path(folder), text_of(what), private_file_mode));
  std::error_code failure;
  fs::remove_all(engine_folder(folder), failure);
  for (const fs::path& path : {mark_path(folder), seal_path(folder)})
    if (!failure)
      fs::remove(path, failure);
  if (failure)
    return io_error("cannot remove what an earlier try left", failure, folder);
  return sync_directory(folder);
}

Result<void> finish_folder(const fs::path& folder) {
  TRY(write_file_atomically(format_path(folder),
                            std::string(format_text) + std::to_string(format_version) + '\n',
                            private_file_mode));
  std::error_code failure;
  fs::remove(unfinished_path(folder), failure);
  if (failure)
    return io_error("cannot remove", failure, unfinished_path(folder));
  return sync_directory(folder);
}

Result<LockFile> lock_folder(const fs::path& folder) {
  return LockFile::acquire(folder / "lock", private_file_mode);
}

Result<std::optional<LockFile>> lock_folder_for_reading(const fs::path& folder) {
  auto lock = LockFile::acquire_shared(folder / "lock");
  if (lock)
    return std::optional<LockFile>(std::move(*lock));
  if (lock.error().code == ErrorCode::not_found)
    return std::optional<LockFile>();
  return std::move(lock).error();
}

Result<void> probe_folder(const fs::path& folder) {
  const fs::path path = folder / "probe";
  const Result<void> written =
      write_file_atomically(path, std::string(probe_bytes, '\0'), private_file_mode);
  std::error_code ignored;
  fs::remove(path, ignored);
  return written;
}

Result<std::optional<AcknowledgedMark::Content>> AcknowledgedMark::read(const fs::path& folder) {
  auto bytes = read_file(mark_path(folder), 4096);
  if (!bytes && bytes.error().code == ErrorCode::not_found)
    return std::optional<Content>();
  if (!bytes)
    return std::move(bytes).error();
  if (bytes->size() != mark_bytes || !bytes->starts_with(mark_text) || !has_checksum(*bytes))
    return Error{ErrorCode::corrupt, "the mark of what was acknowledged is damaged",
                 mark_path(folder).string()};
  const std::string_view said = std::string_view(*bytes).substr(mark_text.size());
  const std::string_view hash = said.substr(8, hash_bytes);
  Content content;
  content.sequence = little_endian(said.substr(0, 8));
  std::copy(hash.begin(), hash.end(), reinterpret_cast<char*>(content.hash.data()));
  content.batch = little_endian(said.substr(8 + hash_bytes, 8));
  return std::optional<Content>(content);
}

Result<AcknowledgedMark> AcknowledgedMark::open(const fs::path& folder) {
  const fs::path path = mark_path(folder);
  std::error_code failure;
  const bool present = fs::exists(path, failure);
  if (!present) {
    std::string fresh(mark_text);
    fresh.append(8 + hash_bytes + 8, '\0');
    append_checksum(fresh);
    TRY(write_file_atomically(path, fresh, private_file_mode));
  }
  return AcknowledgedMark(TRY(FileDescriptor::open(path, O_WRONLY)), path);
}

Result<void> AcknowledgedMark::write(const Content& content) {
  std::string bytes(mark_text);
  append_little_endian(bytes, content.sequence);
  bytes.append(reinterpret_cast<const char*>(content.hash.data()), hash_bytes);
  append_little_endian(bytes, content.batch);
  append_checksum(bytes);
  // One call within one sector: a reader after a crash sees the old content or the new.
  if (::pwrite(file_.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return system_error("cannot write", path_);
  return {};
}

Result<void> write_seal(const fs::path& folder) {
  return write_file_atomically(seal_path(folder), TRY(seal_text(folder)), private_file_mode);
}

Result<void> verify_seal(const fs::path& folder) {
  auto stored = read_file(seal_path(folder), max_sealed_bytes);
  if (!stored && stored.error().code == ErrorCode::not_found)
    return {};
  if (!stored)
    return std::move(stored).error();
  if (!has_checksum(*stored))
    return Error{ErrorCode::corrupt, "the seal of the last clean stop is damaged",
                 seal_path(folder).string()};
  const std::string present = TRY(seal_text(folder));
  if (*stored == present)
    return {};
  const auto differing = static_cast<std::size_t>(
      std::mismatch(stored->begin(), stored->end(), present.begin(), present.end()).first -
      stored->begin());
  const std::size_t line = stored->rfind('\n', differing == 0 ? 0 : differing - 1);
  const std::size_t begin = line == std::string::npos ? 0 : line + 1;
  return Error{
      ErrorCode::corrupt, "a file is not what it was at the last clean stop",
      (engine_folder(folder) / stored->substr(begin, stored->find(' ', begin) - begin)).string()};
}

Result<void> break_seal(const fs::path& folder) {
  std::error_code failure;
  if (!fs::remove(seal_path(folder), failure)) {
    if (failure)
      return Error{ErrorCode::io, "cannot remove: " + failure.message(),
                   seal_path(folder).string()};
    return {};
  }
  return sync_directory(folder);
}

} // namespace diffo::store
