#include "model/value_path.h"

#include <algorithm>

namespace diffo::model {
namespace {

json::Value size_of_range(const json::Value& value) {
  const json::Value* first = value.find("first");
  const json::Value* last = value.find("last");
  if (first == nullptr || last == nullptr || first->if_integer() == nullptr ||
      last->if_integer() == nullptr)
    return {};
  return last->integer() - first->integer() + 1;
}

} // namespace

std::string_view head_of(std::string_view path) {
  return path.substr(0, path.find('.'));
}

std::string_view tail_of(std::string_view path) {
  const std::size_t dot = path.find('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
}

json::Value member_of(const json::Value& value, std::string_view path) {
  const json::Value* at = &value;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    const json::Value* next = at->find(name);
    if (next == nullptr)
      return path.empty() && name == "size" ? size_of_range(*at) : json::Value();
    at = next;
  }
  return *at;
}

} // namespace diffo::model
