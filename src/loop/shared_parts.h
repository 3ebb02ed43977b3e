#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace diffo::loop {

/// So many numbered parts, as a tree of which a copy shares all that lies below its root; a part
/// that is replaced copies the way there, and nothing beside it. The ways are short of branches on
/// purpose: whoever copies one counts its branches, each of which is memory in no cache. Thread
/// rule: as a plain value; copies on different threads.
template <typename Part, std::size_t levels> class SharedParts {
  static constexpr std::size_t fan_out = 8;
  using Below = SharedParts<Part, levels - 1>;
  using Branch = std::conditional_t<levels == 1, const Part, Below>;
  static constexpr std::size_t parts_below() {
    if constexpr (levels == 1)
      return 1;
    else
      return Below::count;
  }

public:
  static constexpr std::size_t count = fan_out * parts_below();

  /// Null pointer where nothing was set.
  [[nodiscard]] const Part* find(std::size_t number) const {
    const Branch* branch = branches_[number / parts_below()].get();
    if constexpr (levels == 1)
      return branch;
    else
      return branch != nullptr ? branch->find(number % parts_below()) : nullptr;
  }
  void set(std::size_t number, std::shared_ptr<const Part> part) {
    std::shared_ptr<Branch>& branch = branches_[number / parts_below()];
    if constexpr (levels == 1) {
      branch = std::move(part);
    } else {
      if (!branch)
        branch = std::make_shared<Below>();
      else if (branch.use_count() > 1)
        branch = std::make_shared<Below>(*branch);
      branch->set(number % parts_below(), std::move(part));
    }
  }

private:
  std::array<std::shared_ptr<Branch>, fan_out> branches_;
};

} // namespace diffo::loop
