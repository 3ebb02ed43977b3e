#include "base/calendar.h"
#include "outstanding/apply.h"
#include "outstanding/compile.h"
#include "outstanding/evaluate.h"
#include "outstanding/leaf.h"

#include <diffo/expectation.h>

#include <array>

namespace diffo::outstanding {
namespace {

constexpr std::array<std::pair<std::string_view, Profile>, 4> profiles{
    {{"v5", Profile::v5},
     {"v4", Profile::v4},
     {"diffo", Profile::diffo},
     {"reference", Profile::reference}}};

json::Value time_json(Timestamp instant) {
  return format_moment({instant.microseconds, 6}, 'T') + "Z";
}

json::Value entry_json(const Unmet& unmet, Timestamp now) {
  json::Object entry{{"pointer", unmet.pointer}, {"expected", unmet.expected}};
  if (unmet.actual)
    entry.append("actual", *unmet.actual);
  entry.append("rule", unmet.rule);
  json::Object document;
  if (!unmet.place.family.empty())
    document.append("family", unmet.place.family);
  if (!unmet.place.id.empty())
    document.append("id", unmet.place.id);
  document.append("pointer", unmet.place.pointer);
  entry.append("document", std::move(document));
  if (!unmet.declared_by.empty())
    entry.append("declaredBy", unmet.declared_by);
  if (unmet.since)
    entry.append("since", time_json(*unmet.since));
  if (unmet.provenance) {
    entry.append("source", unmet.provenance->source);
    if (const auto observed = unmet.provenance->observed_at) {
      entry.append("observedAt", time_json(*observed));
      entry.append("ageSeconds",
                   (now.microseconds - observed->microseconds) / microseconds_per_second);
    }
  }
  if (!unmet.unknown.empty())
    entry.append("unknown", unmet.unknown);
  if (unmet.next_flip)
    entry.append("nextFlip", time_json(*unmet.next_flip));
  return entry;
}

} // namespace

std::optional<Profile> profile_of(std::string_view name) {
  for (const auto& [known, profile] : profiles)
    if (known == name)
      return profile;
  return std::nullopt;
}

std::string_view name_of(Profile profile) {
  for (const auto& [name, known] : profiles)
    if (known == profile)
      return name;
  return "";
}

Result<Expectation> Expectation::compile(json::Value document, const CompileOptions& options) {
  auto compiled = std::make_shared<Compiled>();
  compiled->document = std::move(document);
  compiled->profile = options.profile;
  compiled->shapes = options.shapes;
  compiled->root = TRY(Compiler(options).compile(compiled->document, Position{.root = true}));
  compiled->root.reads = reads_of(compiled->root);
  return Expectation(std::move(compiled));
}

Result<Evaluation> Expectation::evaluate(const json::Value* actual,
                                         const EvaluationContext& context) const {
  return Evaluator(*compiled_, context).run(actual);
}

Result<Evaluation> Expectation::evaluate(DocumentView& actual,
                                         const EvaluationContext& context) const {
  return Evaluator(*compiled_, context).run(actual);
}

std::vector<Leaf> Expectation::leaves_of(const Evaluation& evaluation) const {
  return outstanding::leaves_of(*compiled_, evaluation);
}

json::Value Expectation::apply_to(json::Value actual) const {
  apply(*compiled_, actual);
  return actual;
}

const json::Value& Expectation::document() const {
  return compiled_->document;
}
Profile Expectation::profile() const {
  return compiled_->profile;
}
std::size_t Expectation::leaves() const {
  return compiled_->root.leaves;
}

json::Value explanation_json(const Evaluation& evaluation, Timestamp now) {
  json::Array entries;
  entries.reserve(evaluation.explanation.size());
  for (const Unmet& unmet : evaluation.explanation)
    entries.push_back(entry_json(unmet, now));
  return entries;
}

} // namespace diffo::outstanding
