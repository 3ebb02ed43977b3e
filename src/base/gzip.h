#pragma once

#include <diffo/result.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

/// The gzip format (RFC 1952), at the speed that answers need rather than the size.
namespace diffo {

std::string gzip(std::string_view bytes);

/// The bytes again. Errors: malformed; too_large for more than `most_bytes`, which is found out
/// without making more than these.
Result<std::string> gunzip(std::string_view packed, std::size_t most_bytes);

/// Packs piece by piece. Whoever has what add() returned can read all that was added: nothing is
/// kept back. One thread at a time.
class Gzip {
public:
  Gzip();
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip();
  std::string add(std::string_view piece);
  std::string finish();

private:
  friend std::string gzip(std::string_view bytes);
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

/// Unpacks piece by piece. One thread at a time.
class Gunzip {
public:
  Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  ~Gunzip();
  /// Calls `take` with what the piece unpacks to, in parts of at most 64 KiB, however much that is.
  /// Several members, one behind the other, are one text (§2.2). Errors: malformed; those of
  /// `take`, which end it.
  Result<void> add(std::string_view piece,
                   const std::function<Result<void>(std::string_view)>& take);
  /// Errors: malformed when it ended in the middle.
  [[nodiscard]] Result<void> finish() const;

private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

} // namespace diffo
