#include "loop/evaluate.h"

#include "graph/unseen.h"
#include "loop/document_fields.h"
#include "loop/record_view.h"
#include "loop/targets.h"
#include "model/schema.h"
#include "tmf/diffo_profile.h"
#include "tmf/emit.h"
#include "tmf/observed.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>

namespace diffo::loop {
namespace {

/// How far back "since when" looks.
constexpr int most_versions_back = 64;
/// Documents that we made ourselves may be as large as a record.
constexpr json::ReadLimits own_documents{
    .max_bytes = SIZE_MAX, .max_depth = 512, .max_values = SIZE_MAX};

/// Evaluates one target, with its explanation.
class TargetEvaluation {
public:
  TargetEvaluation(const ExpectationDocument& expectation, graph::Subgraph& subgraph,
                   const EvaluateOptions& options)
      : expectation_(expectation), subgraph_(subgraph), options_(options) {}

  Result<TargetResidue> run(const Target& target) {
    const graph::RecordRef record = target.record;
    TargetResidue result;
    fresh_until_.reset();
    result.id = target.id;
    View actual;
    std::optional<graph::Unseen> unseen;
    if (record) {
      result.family = family_name(record->family());
      result.sequence = record->sequence();
      unseen = unseen_of(*record);
      actual = TRY(actual_of(record));
    }
    const auto since = options_.explain == outstanding::Explain::yes
                           ? since_when(record, actual)
                           : std::map<std::string, std::int64_t, std::less<>>();
    if (actual && unseen)
      return unknown_whole(result, "complete", no_longer_seen(*unseen), Timestamp{unseen->at});
    if (actual && expectation_.fresh_within) {
      const Freshness fresh = freshness_of(record->key());
      if (!fresh.unknown.empty())
        return unknown_whole(result, "freshWithin", fresh.unknown, {});
      fresh_until_ = fresh.until;
    }
    outstanding::EvaluationContext context = context_of(result);
    context.outstanding_since = [&since](std::string_view pointer) -> std::optional<Timestamp> {
      const auto found = since.find(pointer);
      if (found == since.end())
        return std::nullopt;
      return Timestamp{found->second};
    };
    result.evaluation = TRY(evaluated(actual, context));
    if (unseen)
      for (outstanding::Unmet& unmet : result.evaluation.explanation)
        unmet.provenance = outstanding::Provenance{unseen->source, Timestamp{unseen->at}};
    if (auto& flip = result.evaluation.next_flip; fresh_until_ && (!flip || *fresh_until_ < *flip))
      flip = fresh_until_;
    result.footprint = subgraph_.take_footprint();
    return result;
  }

  Result<TargetResidue> run_document(const json::Value* actual) {
    TargetResidue result;
    result.evaluation = TRY(expectation_.expect.evaluate(actual, context_of(result)));
    return result;
  }

private:
  using View = std::shared_ptr<outstanding::DocumentView>; ///< empty: there is no such document

  [[nodiscard]] Result<outstanding::Evaluation>
  evaluated(const View& actual, const outstanding::EvaluationContext& context) const {
    return actual ? expectation_.expect.evaluate(*actual, context)
                  : expectation_.expect.evaluate(nullptr, context);
  }

  /// Until when the actual is known, or why it is not.
  struct Freshness {
    std::optional<Timestamp> until;
    std::string unknown;
  };

  [[nodiscard]] Freshness freshness_of(const graph::Key& key) const {
    std::int64_t latest = 0;
    if (options_.sightings)
      for (const graph::Sighting& one : options_.sightings(key))
        latest = std::max(latest, one.at);
    if (latest == 0)
      return {{}, "nobody has seen it"};
    const std::int64_t within = *expectation_.fresh_within;
    std::int64_t until = latest + within;
    if (options_.down.until != 0 && until > options_.down.from)
      until = std::max(until, options_.down.until + within);
    if (options_.now.microseconds >= until)
      return {{}, "nobody has seen it since " + text_of(Timestamp{latest})};
    return {Timestamp{until}, {}};
  }

  [[nodiscard]] std::optional<graph::Unseen> unseen_of(const graph::Record& record) const {
    return graph::unseen_of(record.root(subgraph_.schema().dictionary()));
  }

  /// Empty also for what is said to be gone.
  [[nodiscard]] Result<View> actual_of(const graph::RecordRef& record) {
    const auto unseen = unseen_of(*record);
    return unseen && unseen->gone ? View() : view_of(record, expectation_.profile, subgraph_);
  }

  static std::string no_longer_seen(const graph::Unseen& unseen) {
    return unseen.source + " no longer sees it, since " + text_of(Timestamp{unseen.at});
  }

  /// Nothing can be said of the target.
  [[nodiscard]] TargetResidue unknown_whole(TargetResidue target, std::string rule, std::string why,
                                            std::optional<Timestamp> since) {
    target.footprint = subgraph_.take_footprint();
    outstanding::Evaluation& evaluation = target.evaluation;
    evaluation.residue = expectation_.expect.document();
    evaluation.unmet = expectation_.expect.leaves();
    if (options_.explain == outstanding::Explain::no)
      return target;
    outstanding::Unmet& unmet = evaluation.explanation.emplace_back();
    unmet.expected = expectation_.expect.document();
    unmet.rule = std::move(rule);
    unmet.place = {.family = target.family, .id = target.id, .pointer = {}};
    unmet.declared_by = options_.declared_by;
    unmet.unknown = std::move(why);
    if (since)
      unmet.since = Timestamp{std::max(since->microseconds, options_.declared_at)};
    return target;
  }

  [[nodiscard]] std::string family_name(graph::Family family) const {
    const auto* definition = subgraph_.schema().family(family);
    return definition != nullptr ? definition->name : std::string();
  }

  outstanding::EvaluationContext context_of(const TargetResidue& target) {
    outstanding::EvaluationContext context;
    context.now = options_.now;
    context.family = target.family;
    context.id = target.id;
    context.explain = options_.explain;
    context.declared_by = options_.declared_by;
    read_through_subgraph(context);
    if (options_.writer)
      context.provenance = [this](const outstanding::DocumentPlace& place) {
        return provenance(place);
      };
    return context;
  }

  void read_through_subgraph(outstanding::EvaluationContext& context) {
    context.resolve = [this](std::string_view family, std::string_view id) {
      return resolve(family, id);
    };
    context.reads = [this](std::string_view family, std::string_view id,
                           const std::vector<outstanding::DocumentPath>& paths) {
      const auto key = key_of(family, id);
      if (key && subgraph_.fetch(*key, presence()).record)
        static_cast<void>(subgraph_.fetch(*key, fields_of(key->family, paths)));
    };
  }

  /// The same for every record of a family, so it is found out once.
  const std::vector<graph::FieldPath>&
  fields_of(graph::Family family, const std::vector<outstanding::DocumentPath>& paths) {
    const auto [known, fresh] = fields_.try_emplace({&paths, family});
    if (fresh)
      known->second = fields_at(family, subgraph_.schema(), expectation_.profile, paths);
    return known->second;
  }

  /// Nothing for what is no record: a document at hand, or a version that is no more.
  [[nodiscard]] std::optional<graph::Key> key_of(std::string_view family,
                                                 std::string_view id) const {
    for (const graph::FamilyDefinition& one : subgraph_.schema().families())
      if (one.name == family)
        return graph::Key(options_.tenant, one.family, std::string(id));
    return std::nullopt;
  }

  Result<outstanding::Resolution> resolve(std::string_view family, std::string_view id) {
    outstanding::Resolution resolution;
    const auto key = key_of(family, id);
    if (!key)
      return resolution;
    subgraph_.announce({.records = {*key}}); // only the target tells what it refers to
    const graph::RecordRef record = subgraph_.fetch(*key, presence()).record;
    if (!record)
      return resolution;
    if (const auto unseen = unseen_of(*record)) {
      if (unseen->gone)
        return resolution;
      resolution.state = outstanding::Resolution::State::unknown;
      resolution.reason = no_longer_seen(*unseen);
      return resolution;
    }
    resolution.state = outstanding::Resolution::State::found;
    resolution.view = TRY(view_of(record, expectation_.profile, subgraph_));
    return resolution;
  }

  /// What tells one version of a record from another.
  static std::vector<graph::FieldPath> version() {
    return {{.end = graph::FieldPath::End::updated_at}};
  }

  std::optional<outstanding::Provenance> provenance(const outstanding::DocumentPlace& place) {
    if (const auto key = key_of(place.family, place.id))
      if (const graph::RecordRef record = subgraph_.fetch(*key, version()).record) {
        if (auto observed = observed_at(*record, place.pointer))
          return observed;
        return outstanding::Provenance{options_.writer(record->sequence()),
                                       Timestamp{record->updated_at()}};
      }
    return std::nullopt;
  }

  /// Who has seen it so, and when he saw it last.
  [[nodiscard]] std::optional<outstanding::Provenance>
  observed_at(const graph::Record& record, const std::string& pointer) const {
    if (record.family() != model::family_service && record.family() != model::family_resource)
      return std::nullopt;
    auto said = tmf::said_at(record, pointer, subgraph_.schema());
    if (!said)
      return std::nullopt;
    if (options_.sightings)
      for (const graph::Sighting& one : options_.sightings(record.key()))
        if (one.source == said->source)
          said->at = std::max(said->at, one.at);
    return outstanding::Provenance{std::move(said->source), Timestamp{said->at}};
  }

  /// The pointers of unmet leaves of a version of the target alone.
  std::vector<std::string> unmet_of(const View& actual) {
    outstanding::EvaluationContext context;
    context.now = options_.now;
    context.explain = outstanding::Explain::yes;
    read_through_subgraph(context);
    std::vector<std::string> pointers;
    if (const auto evaluation = evaluated(actual, context))
      for (const outstanding::Unmet& unmet : evaluation->explanation)
        pointers.push_back(unmet.pointer);
    return pointers;
  }

  /// Walks back through the versions of the target while a leaf stays unmet. A leaf has been
  /// outstanding since the oldest version that still lacked it began, and never since before the
  /// expectation was declared.
  std::map<std::string, std::int64_t, std::less<>> since_when(graph::RecordRef record,
                                                              View actual) {
    std::map<std::string, std::int64_t, std::less<>> since;
    if (!options_.history)
      return since;
    if (record)
      static_cast<void>(subgraph_.fetch(record->key(), version()));
    std::vector<std::string> open = unmet_of(actual);
    for (int step = 0; step < most_versions_back && !open.empty(); ++step) {
      const std::int64_t began = record ? record->updated_at() : options_.declared_at;
      for (const std::string& pointer : open)
        since[pointer] = std::max(began, options_.declared_at);
      if (!record || began <= options_.declared_at)
        break;
      const auto earlier = options_.history(record->key(), record->sequence());
      if (!earlier)
        break;
      record = earlier->record;
      actual.reset();
      if (record)
        if (auto view = actual_of(record))
          actual = std::move(*view);
      const std::vector<std::string> unmet = unmet_of(actual);
      std::erase_if(open, [&](const std::string& pointer) {
        return std::find(unmet.begin(), unmet.end(), pointer) == unmet.end();
      });
    }
    return since;
  }

  const ExpectationDocument& expectation_;
  graph::Subgraph& subgraph_;
  const EvaluateOptions& options_;
  std::optional<Timestamp> fresh_until_; ///< of the target at hand
  /// By the paths, which are the compiled expectation's, and the family.
  std::map<std::pair<const std::vector<outstanding::DocumentPath>*, graph::Family>,
           std::vector<graph::FieldPath>>
      fields_;
};

} // namespace

bool ExpectationResidue::outstanding() const {
  return std::any_of(targets.begin(), targets.end(),
                     [](const TargetResidue& target) { return target.evaluation.outstanding(); });
}

Result<json::Value> document_of(const graph::Record& record, outstanding::Profile profile,
                                graph::Subgraph& subgraph) {
  if (profile != outstanding::Profile::diffo)
    return tmf::document_of(
        record, profile == outstanding::Profile::v4 ? model::Version::v4 : model::Version::v5,
        {.schema = subgraph.schema()});
  std::string text;
  tmf::emit_diffo_profile(record, subgraph, {}, text);
  return json::read(text, own_documents);
}

Sightings sightings_in(const graph::Store& store) {
  return [&store](const graph::KeyView& key) {
    auto seen = store.seen(key);
    return seen ? *std::move(seen) : std::vector<graph::Sighting>();
  };
}

InForce in_force(const ExpectationDocument& expectation, Timestamp now) {
  const auto& [from, until] = std::tie(expectation.valid_from, expectation.valid_until);
  if (until && now.microseconds >= *until)
    return {.now = false, .until = {}};
  if (from && now.microseconds < *from)
    return {.now = false, .until = Timestamp{*from}};
  return {.now = true, .until = until ? std::optional(Timestamp{*until}) : std::nullopt};
}

Result<TargetResidue> evaluate_target(const ExpectationDocument& expectation, const Target& target,
                                      graph::Subgraph& subgraph, const EvaluateOptions& options) {
  return TargetEvaluation(expectation, subgraph, options).run(target);
}

Result<ExpectationResidue> evaluate(const ExpectationDocument& expectation,
                                    graph::Subgraph& subgraph, const EvaluateOptions& options) {
  ExpectationResidue result;
  const InForce force = in_force(expectation, options.now);
  result.in_force = force.now;
  result.next_flip = force.until;
  if (!force.now)
    return result;
  const auto sooner = [&result](Timestamp flip) {
    if (!result.next_flip || flip < *result.next_flip)
      result.next_flip = flip;
  };
  const std::vector<Target> targets =
      TRY(targets_of(expectation.target, subgraph, options.tenant, options.most_targets));
  graph::Recorder all;
  all.add(subgraph.take_footprint());
  TargetEvaluation evaluation(expectation, subgraph, options);
  for (const Target& target : targets) {
    auto residue = evaluation.run(target);
    if (!residue) {
      subgraph.add_footprint(all.footprint()); // a refusal rests on what was read, too
      return std::move(residue).error();
    }
    result.targets.push_back(*std::move(residue));
    if (const auto flip = result.targets.back().evaluation.next_flip)
      sooner(*flip);
    all.add(result.targets.back().footprint);
  }
  result.footprint = all.take();
  return result;
}

Result<ExpectationResidue> evaluate_document(const ExpectationDocument& expectation,
                                             const json::Value* actual, graph::Subgraph& subgraph,
                                             const EvaluateOptions& options) {
  ExpectationResidue result;
  result.targets.push_back(
      TRY(TargetEvaluation(expectation, subgraph, options).run_document(actual)));
  result.next_flip = result.targets.front().evaluation.next_flip;
  result.footprint = subgraph.take_footprint();
  result.targets.front().footprint = result.footprint;
  return result;
}

} // namespace diffo::loop
