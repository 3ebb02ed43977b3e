#include "query/operand.h"

namespace diffo::query {

std::string_view name_of(Comparison comparison) {
  switch (comparison) {
  case Comparison::equal:
    return "eq";
  case Comparison::not_equal:
    return "ne";
  case Comparison::greater:
    return "gt";
  case Comparison::greater_or_equal:
    return "gte";
  case Comparison::less:
    return "lt";
  case Comparison::less_or_equal:
    return "lte";
  case Comparison::pattern:
    return "regex";
  case Comparison::present:
    return "exists";
  case Comparison::absent:
    return "absent";
  }
  return "";
}

graph::Compare asked_as(Comparison comparison) {
  switch (comparison) {
  case Comparison::equal:
  case Comparison::not_equal:
    return graph::Compare::equal;
  case Comparison::greater:
    return graph::Compare::greater;
  case Comparison::greater_or_equal:
    return graph::Compare::greater_or_equal;
  case Comparison::less:
    return graph::Compare::less;
  case Comparison::less_or_equal:
    return graph::Compare::less_or_equal;
  case Comparison::pattern:
    return graph::Compare::matches;
  case Comparison::present:
  case Comparison::absent:
    return graph::Compare::exists;
  }
  return graph::Compare::equal;
}

} // namespace diffo::query
