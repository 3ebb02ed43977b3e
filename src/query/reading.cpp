#include "query/record_filter.h"

#include <span>

namespace diffo::query {
namespace {

/// Whether a path leads to a plain value in all documents of the version: nothing is below it.
bool is_plain(std::span<const std::string> path, model::Api api, model::Version version,
              const model::Model& model) {
  std::size_t depth = 0;
  const model::Attribute* row = model.find(path, api, version, &depth);
  return row != nullptr && depth == path.size() && row->is_scalar() &&
         (row->is_in(version) || row->home == model::Home::derived);
}

} // namespace

ReadingOf reading_of(model::Api api, model::Version version, const model::Model& model) {
  return [api, version, &model](std::span<const std::string> path) {
    return model.reading_of(path, api, version);
  };
}

Result<void> check_operator(const ConditionText& condition, model::Api api, model::Version version,
                            const model::Model& model) {
  const auto& path = condition.path;
  if (path.size() < 2 || !is_plain(std::span(path).first(path.size() - 1), api, version, model))
    return {};
  return Error{ErrorCode::invalid,
               "unknown operator \"" + path.back() + "\"; there are " + operator_words,
               condition.name};
}

} // namespace diffo::query
