#pragma once

#include "graph/record.h"
#include "model/model.h"

#include <diffo/result.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Places in a record that a client names by address, `serviceCharacteristic[mtu].value`, or by a
/// JSON pointer into its document of v5, `/serviceCharacteristic/0/value`.
namespace diffo::tmf {

/// One step down: an attribute, and which item of it.
struct AddressStep {
  std::string name;
  std::optional<std::string> key;   ///< as it stands in the brackets
  std::optional<std::size_t> index; ///< of a pointer
};

/// Errors: invalid for what is neither, or leads nowhere.
Result<std::vector<AddressStep>> steps_of(std::string_view text);

/// What an address names.
struct RecordPlace {
  graph::Element* owner = nullptr;
  graph::Element* item = nullptr; ///< a child of the owner; null pointer: the owner itself
  std::string member;             ///< of the item or the owner; empty: the item as a whole
  std::string address;            ///< by keys, whatever it was named by
};

/// Nothing when there is none. Errors: those of steps_of(); invalid for a list as a whole.
Result<std::optional<RecordPlace>> find_place(graph::Element& root, std::string_view text,
                                              model::Api api, const model::Model& model);

} // namespace diffo::tmf
