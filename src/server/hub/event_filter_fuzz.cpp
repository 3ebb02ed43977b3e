// The `query` of a subscription: no text is to reach an assertion, or to take long, and what is
// read is asked of an event and trims it.
#include "server/hub/callback.h"
#include "server/hub/event_filter.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const diffo::json::Value event =
      diffo::json::read(R"({"eventId":"e","eventType":"ServiceStateChangeEvent","@sequence":7,
        "eventTime":"2026-06-22T01:02:03.004Z","event":{"service":{"id":"a","state":"active",
        "place":[{"role":"r","name":"x"}],"serviceCharacteristic":[{"name":"n","value":[1,2.5]}]},
        "@before":{"state":"designed"},"@changed":["state"]}})")
          .value();
  for (const diffo::tmf::EventScope& scope :
       {diffo::tmf::EventScope{638, diffo::model::Version::v4},
        diffo::tmf::EventScope{638, diffo::model::Version::v5}, diffo::tmf::EventScope{}}) {
    const auto filter = diffo::server::EventFilter::parse(text, scope);
    if (!filter)
      continue;
    (void)filter->takes(event);
    diffo::json::Value narrowed = event;
    filter->narrow(narrowed);
    if (narrowed.find("eventId") == nullptr)
      __builtin_trap();
  }
  if (const auto callback = diffo::server::Callback::parse(text)) {
    const diffo::server::CallbackRule rule;
    (void)rule.check(*callback);
  }
  return 0;
}
