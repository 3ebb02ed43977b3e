#pragma once

#include <diffo/domain_model.h>

#include <span>

namespace diffo::model {

/// A text of YAML or JSON with one domain a document, and what it is called in messages.
struct ModelSource {
  std::string name;
  std::string text;
};

struct LoadedModel {
  DomainModel model;
  /// All that is wrong with the texts as such, in their order; whether what they declare holds
  /// together is for verify. The model has what could be read.
  std::vector<ModelProblem> problems;
};

/// Reads what docs/reference/model.md describes. Time and memory are linear in the length of the
/// texts and bounded by yaml::Limits for each.
LoadedModel load_model(std::span<const ModelSource> sources);

} // namespace diffo::model
