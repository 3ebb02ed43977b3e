#include "base/gzip.h"

#include "base/failure.h"

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <utility>
#include <zlib.h>

namespace diffo {
namespace {

// Of zlib: the largest window, and a header of gzip around it.
constexpr int gzip_window = 15 + 16;
constexpr int memory_level = 8;
constexpr std::size_t part_bytes = std::size_t{64} << 10U;

Bytef* input_of(std::string_view bytes) {
  // zlib reads, and only its old declarations do not say so.
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); // NOLINT
}

void set_input(z_stream& stream, std::string_view bytes) {
  DIFFO_ASSERT(bytes.size() <= std::numeric_limits<uInt>::max());
  stream.next_in = input_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
}

} // namespace

struct Gzip::Stream {
  z_stream zlib{};

  Stream() {
    if (deflateInit2(&zlib, Z_BEST_SPEED, Z_DEFLATED, gzip_window, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { deflateEnd(&zlib); }

  std::string run(std::string_view piece, int flush) {
    set_input(zlib, piece);
    std::string out;
    do {
      const std::size_t had = out.size();
      const std::size_t room = std::max<std::size_t>(piece.size() / 2, 512);
      out.resize(had + room);
      zlib.next_out = reinterpret_cast<Bytef*>(out.data() + had);
      zlib.avail_out = static_cast<uInt>(room);
      deflate(&zlib, flush);
      out.resize(had + room - zlib.avail_out);
    } while (zlib.avail_out == 0);
    return out;
  }
};

Gzip::Gzip() : stream_(std::make_unique<Stream>()) {}
Gzip::~Gzip() = default;

std::string Gzip::add(std::string_view piece) {
  return stream_->run(piece, Z_SYNC_FLUSH);
}

std::string Gzip::finish() {
  return stream_->run({}, Z_FINISH);
}

std::string gzip(std::string_view bytes) {
  // A stream is a quarter of a megabyte, which costs more to make than a small answer to pack.
  thread_local Gzip::Stream kept;
  deflateReset(&kept.zlib);
  return kept.run(bytes, Z_FINISH);
}

struct Gunzip::Stream {
  z_stream zlib{};
  bool ended = false;

  Stream() {
    if (inflateInit2(&zlib, gzip_window) != Z_OK)
      throw std::bad_alloc();
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { inflateEnd(&zlib); }
};

Gunzip::Gunzip() : stream_(std::make_unique<Stream>()) {}
Gunzip::~Gunzip() = default;

Result<void> Gunzip::add(std::string_view piece,
                         const std::function<Result<void>(std::string_view)>& take) {
  z_stream& zlib = stream_->zlib;
  set_input(zlib, piece);
  std::array<char, part_bytes> part; // NOLINT(cppcoreguidelines-pro-type-member-init)
  while (zlib.avail_in > 0) {
    if (std::exchange(stream_->ended, false)) // another member
      inflateReset(&zlib);
    int status = Z_OK;
    do {
      zlib.next_out = reinterpret_cast<Bytef*>(part.data());
      zlib.avail_out = static_cast<uInt>(part.size());
      status = inflate(&zlib, Z_NO_FLUSH);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
        return Error{ErrorCode::malformed, "is not in the format of gzip"};
      if (const std::size_t made = part.size() - zlib.avail_out; made > 0)
        TRY(take({part.data(), made}));
    } while (status == Z_OK && zlib.avail_out == 0);
    stream_->ended = status == Z_STREAM_END;
    if (status == Z_BUF_ERROR)
      break;
  }
  return {};
}

Result<void> Gunzip::finish() const {
  if (!stream_->ended)
    return Error{ErrorCode::malformed, "ends in the middle of what gzip packed"};
  return {};
}

Result<std::string> gunzip(std::string_view packed, std::size_t most_bytes) {
  Gunzip unpacking;
  std::string bytes;
  TRY(unpacking.add(packed, [&bytes, most_bytes](std::string_view part) -> Result<void> {
    if (part.size() > most_bytes - bytes.size())
      return Error{ErrorCode::too_large,
                   "unpacks to more than " + std::to_string(most_bytes) + " bytes"};
    bytes += part;
    return {};
  }));
  TRY(unpacking.finish());
  return bytes;
}

} // namespace diffo
