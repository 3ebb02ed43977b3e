#pragma once

#include <diffo/expectation.h>

#include <string>
#include <string_view>

namespace diffo::outstanding {

enum class ReportForm {
  json, ///< the residue, or with an explanation {"outstanding": …, "explain": […]}; null when all
        ///< is met
  tree, ///< indented text for people
  coloured_tree, ///< the same with terminal colours
};

/// What `diffo outstanding` was asked.
struct ReportRequest {
  std::string_view
      expected; ///< JSON text: a partial document, or a whole stored expectation with `expect`
  std::string_view actual; ///< JSON text
  const DocumentShapes* shapes = nullptr;
  std::optional<Profile> profile{}; ///< else the one the expectation names, else v5
  Explain explain = Explain::no;
  ReportForm form = ReportForm::json;
  Timestamp now{};
};

struct Report {
  std::string text{}; ///< ends with a line end
  bool outstanding = false;
};

/// Evaluates the one text against the other. An error's message says which of the two it is about.
Result<Report> report(const ReportRequest& request);

/// A residue as an indented tree; nothing outstanding is said in words.
std::string residue_tree(const std::optional<json::Value>& residue, ReportForm form);
/// The explanation, one paragraph for each unmet leaf.
std::string explanation_tree(const Evaluation& evaluation, Timestamp now, ReportForm form);

/// The parts of an expectation document: `expect` and, where given, its profile, when it is a
/// stored expectation (an object with `expect` and otherwise only attributes of stored
/// expectations), else the document itself.
struct ExpectationParts {
  json::Value expect;
  std::optional<Profile> profile{};
};
Result<ExpectationParts> expectation_parts(json::Value document);

} // namespace diffo::outstanding
