#include "bolt/packstream.h"

using namespace diffo::bolt;

// Whatever can be read can be written again, and is then read as the same.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const Version version = data[0] % 3 == 0 ? bolt_4_4 : data[0] % 3 == 1 ? bolt_5_8 : bolt_6_0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Unpacker reader(bytes, version, {50, 100'000});
  Value value;
  if (!reader.value(value))
    return 0;
  (void)to_text(value);
  std::string out;
  Packer packer(out);
  if (!pack(packer, value, version, GraphValues::allow))
    return 0;
  Unpacker again(out, version);
  Value back;
  DIFFO_ASSERT(again.value(back) && again.at_end());
  // By their bytes: NaN is no equal of itself.
  std::string twice;
  Packer second(twice);
  DIFFO_ASSERT(pack(second, back, version, GraphValues::allow).has_value());
  DIFFO_ASSERT(out == twice);
  return 0;
}
