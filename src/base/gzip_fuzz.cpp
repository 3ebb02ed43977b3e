#include "base/gzip.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// What unpacks comes back from packing; nothing makes more than was allowed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most = 100'000;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto unpacked = diffo::gunzip(bytes, most);
  if (unpacked &&
      (unpacked->size() > most || diffo::gunzip(diffo::gzip(*unpacked), most).value() != *unpacked))
    std::abort();
  if (diffo::gunzip(diffo::gzip(bytes), size).value() != bytes)
    std::abort();
  return 0;
}
