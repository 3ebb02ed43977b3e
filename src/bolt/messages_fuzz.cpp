#include "bolt/handshake.h"
#include "bolt/protocol.h"
#include "bolt/routing.h"

using namespace diffo::bolt;

namespace {

// A server's bytes against a client that has asked for all sorts of things.
void play(std::string_view bytes, std::size_t piece, Version version) {
  Protocol protocol(version, {{1 << 20, 100}, {50, 100'000}});
  auto buffer = std::make_shared<RecordBuffer>();
  (void)protocol.hello({});
  if (version >= bolt_5_1)
    (void)protocol.logon(AuthToken::none());
  const TransactionFields fields;
  (void)protocol.run("A", {}, &fields);
  (void)protocol.pull(-1, std::nullopt, buffer);
  (void)protocol.begin(fields);
  (void)protocol.run("B", {}, nullptr);
  (void)protocol.pull(2, std::nullopt, buffer);
  (void)protocol.reset();
  const Outcome<ReplyPointer> route = protocol.route({}, {}, "", "");
  while (!bytes.empty()) {
    protocol.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(bytes.size(), piece));
    while (true) {
      const Outcome<bool> handled = protocol.step();
      if (!handled)
        return;
      if (!*handled)
        break;
    }
  }
  if (route && (*route)->state == Reply::State::success)
    (void)read_routing_table((*route)->metadata, {});
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2)
    return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t piece = data[1] == 0 ? size : data[1];
  if (data[0] == 0xFF) {
    Handshake handshake;
    std::size_t used = 0;
    (void)handshake.feed(bytes, used);
    return 0;
  }
  play(bytes, piece, supported_versions[data[0] % supported_versions.size()]);
  return 0;
}
