#include <diffo/hooks.h>

#include "model/value_path.h"

#include <utility>

namespace diffo::hooks {

json::Value Record::at(std::string_view path) const {
  for (const json::Object* all : {&characteristics, &attributes})
    if (const json::Value* value = all->find(model::head_of(path)))
      return model::member_of(*value, model::tail_of(path));
  return {};
}

Registry& Registry::calculation(std::string name, Calculation function) {
  calculations_.insert_or_assign(std::move(name), std::move(function));
  return *this;
}

Registry& Registry::action(std::string name, Action function) {
  actions_.insert_or_assign(std::move(name), std::move(function));
  return *this;
}

const Calculation* Registry::calculation(std::string_view name) const {
  const auto found = calculations_.find(name);
  return found == calculations_.end() ? nullptr : &found->second;
}

const Action* Registry::action(std::string_view name) const {
  const auto found = actions_.find(name);
  return found == actions_.end() ? nullptr : &found->second;
}

} // namespace diffo::hooks
