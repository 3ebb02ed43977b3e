#include "loop/task_order.h"

#include <algorithm>
#include <utility>

namespace diffo::loop {
namespace {

/// Tarjan's strongly connected components, with a stack of its own: a chain may be as long as there
/// are tasks.
class Cycles {
public:
  explicit Cycles(const std::vector<std::vector<std::size_t>>& next)
      : next_(next), number_(next.size(), 0), low_(next.size(), 0), on_path_(next.size(), false),
        cycle_(next.size(), 0) {
    for (std::size_t node = 0; node < next.size(); ++node)
      if (number_[node] == 0)
        visit(node);
  }

  [[nodiscard]] bool together(std::size_t a, std::size_t b) const { return cycle_[a] == cycle_[b]; }

private:
  struct Frame {
    std::size_t node;
    std::size_t edge = 0;
  };

  void enter(std::size_t node) {
    number_[node] = low_[node] = ++last_;
    path_.push_back(node);
    on_path_[node] = true;
    frames_.push_back({node});
  }

  void visit(std::size_t root) {
    enter(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const std::size_t node = frame.node;
      if (frame.edge < next_[node].size()) {
        const std::size_t other = next_[node][frame.edge++];
        if (number_[other] == 0)
          enter(other);
        else if (on_path_[other])
          low_[node] = std::min(low_[node], number_[other]);
        continue;
      }
      frames_.pop_back();
      if (!frames_.empty())
        low_[frames_.back().node] = std::min(low_[frames_.back().node], low_[node]);
      if (low_[node] == number_[node])
        close(node);
    }
  }

  void close(std::size_t root) {
    ++cycles_;
    std::size_t node = root;
    do {
      node = path_.back();
      path_.pop_back();
      on_path_[node] = false;
      cycle_[node] = cycles_;
    } while (node != root);
  }

  const std::vector<std::vector<std::size_t>>& next_;
  std::vector<std::size_t> number_; ///< in the order of visiting, from 1
  std::vector<std::size_t> low_;
  std::vector<bool> on_path_;
  std::vector<std::size_t> cycle_;
  std::vector<std::size_t> path_;
  std::vector<Frame> frames_;
  std::size_t last_ = 0;
  std::size_t cycles_ = 0;
};

} // namespace

std::vector<std::vector<std::size_t>> order_of(std::size_t count,
                                               const std::vector<Before>& demands) {
  std::vector<std::vector<std::size_t>> before(count);
  for (const Before& demand : demands)
    if (demand.first != demand.then)
      before[demand.then].push_back(demand.first);
  const Cycles cycles(before);
  for (std::size_t task = 0; task < count; ++task) {
    std::vector<std::size_t>& those = before[task];
    std::sort(those.begin(), those.end());
    those.erase(std::unique(those.begin(), those.end()), those.end());
    those.erase(std::remove_if(those.begin(), those.end(),
                               [&](std::size_t other) { return cycles.together(task, other); }),
                those.end());
  }
  return before;
}

} // namespace diffo::loop
