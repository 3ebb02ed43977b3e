#include "terms/vectors.h"

#include <sstream>

/// Any bytes as a file of vectors: read, compared and reported without ever failing itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::ostringstream out;
  (void)diffo::terms::run_vectors(std::string_view(reinterpret_cast<const char*>(data), size), out);
  return 0;
}
