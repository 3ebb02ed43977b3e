#pragma once

#include <diffo/calendar.h>
#include <diffo/json.h>
#include <diffo/result.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::outstanding {

/// Which documents an expectation is about. v4, v5 and diffo name the shape and have keyed lists;
/// reference follows outstanding.md to the letter: lists are positional, 5.0 is no integer, and
/// what the reference raises is an error.
enum class Profile : std::uint8_t { v5, v4, diffo, reference };

/// "v4", "v5", "diffo", "reference"; nothing for any other text.
std::optional<Profile> profile_of(std::string_view name);
std::string_view name_of(Profile profile);

/// How the items of a list are told apart. A group of key attributes applies when the expected item
/// gives at least one of them; the first that applies is the key. `@target` is the id of what the
/// item refers to. A plain value.
struct ListShape {
  std::vector<std::vector<std::string>> keys{};
  /// The attribute that holds the item's reference; empty: the item is the reference.
  std::string nested{};
  bool flat_form = false;    ///< what the reference says may stand in the item itself
  std::string family{};      ///< of what the items refer to
  bool holds_values = false; ///< the items' `value` is free JSON: lists inside are positional
};

/// What is known of an attribute of the documents beyond what JSON says. A plain value.
struct AttributeShape {
  std::optional<ListShape> list{};  ///< its lists are keyed
  std::string family{};             ///< it is one reference to something of that family
  Reading reading = Reading::value; ///< of its texts
};

/// What is to become of an attribute of the root of a document. Lives for a call.
struct RootValue {
  std::string_view family; ///< of the document
  Profile profile;         ///< its shape
  std::string_view attribute;
  const json::Value* before; ///< null pointer: there is none
  const json::Value* after;
};

/// The attributes with a shape; lists of all others are positional. Thread rule: immutable; lives
/// longer than what is compiled with it.
class DocumentShapes {
public:
  DocumentShapes() = default;
  DocumentShapes(const DocumentShapes&) = delete;
  DocumentShapes& operator=(const DocumentShapes&) = delete;
  virtual ~DocumentShapes() = default;
  [[nodiscard]] virtual const AttributeShape* find(std::string_view attribute) const = 0;
  /// Whether an attribute of the root says where the document is served and nothing of the thing: a
  /// text that is expected there is ignored, matchers are not.
  [[nodiscard]] virtual bool is_address(std::string_view) const { return false; }
  /// Why no change of a document makes an attribute of its root that value (null pointer: takes it
  /// away): it cannot be changed, is mandatory, or is nothing of the kind. Empty where one can.
  [[nodiscard]] virtual std::string why_fixed(const RootValue&) const { return {}; }
};

/// Bounds on what is compiled.
struct CompileLimits {
  std::size_t max_depth = 64;      ///< nesting of objects and lists
  std::size_t max_parts = 500'000; ///< objects, lists and leaves together
  std::size_t max_patterns = 1000;
};

struct CompileOptions {
  Profile profile = Profile::v5;
  const DocumentShapes* shapes = nullptr; ///< without any, lists are keyed by `$keyed` alone
  CompileLimits limits{};
};

/// Bounds on one evaluation.
struct EvaluationLimits {
  std::size_t max_steps = 4'000'000; ///< comparisons of a part of the expectation
  std::size_t max_documents = 1000;  ///< further documents asked for
};

/// A document that is looked at member by member, so that what nobody looks at need not be made.
/// Thread rule: one thread; what it gives stays as long as the view.
class DocumentView {
public:
  DocumentView() = default;
  DocumentView(const DocumentView&) = delete;
  DocumentView& operator=(const DocumentView&) = delete;
  virtual ~DocumentView() = default;
  /// The value of a member of the root; a null pointer when there is none.
  [[nodiscard]] virtual const json::Value* member(std::string_view name) = 0;
  [[nodiscard]] virtual const json::Value& whole() = 0;
};

/// What is known about a document that a nested expectation is about.
struct Resolution {
  enum class State : std::uint8_t {
    found,
    absent,  ///< there is no such thing
    unknown, ///< it cannot be had now
  };
  State state = State::absent;
  json::Value document{};
  std::string reason{};                 ///< of unknown: "unknown since …"
  std::shared_ptr<DocumentView> view{}; ///< instead of `document`
};

/// Gives the document of that family (service, resource, party, place, entity, specification) and
/// id. An error ends the evaluation; something that is merely away is `unknown`.
using Resolver = std::function<Result<Resolution>(std::string_view family, std::string_view id)>;

/// Where an actual value came from.
struct Provenance {
  std::string source;
  std::optional<Timestamp> observed_at{};
};

/// A place in a document: the family and id of the document and a JSON pointer into it.
struct DocumentPlace {
  std::string family;
  std::string id;
  std::string pointer;
};

enum class Explain : std::uint8_t {
  no,
  yes, ///< what is not met
  all, ///< also what is met
};

/// The names from the root of a document down to a part of it; a list on the way stands for each of
/// its items. Whoever looks there also sees what stands on the way: whether it is an object or a
/// list, and how many items of which kind. Of no names: the whole document.
using DocumentPath = std::vector<std::string>;

/// Told what an evaluation may look at in a document before it does so, completely: what stands
/// elsewhere in it makes no difference. Of no paths: only whether there is such a document. The
/// paths are the expectation's and the same each time.
using ReadSink = std::function<void(std::string_view family, std::string_view id,
                                    const std::vector<DocumentPath>& paths)>;

/// What an evaluation may use besides the two documents.
struct EvaluationContext {
  Timestamp now{};      ///< one reading for the whole evaluation
  std::string family{}; ///< of the actual document
  std::string id{};
  ReadSink reads{};
  Resolver resolve{}; ///< for nested expectations; without it what they are about is unknown
  Explain explain = Explain::no;
  std::string declared_by{}; ///< who declared the expectation, for the explanation
  /// Since when the leaf at that pointer of the expectation has been outstanding.
  std::function<std::optional<Timestamp>(std::string_view pointer)> outstanding_since{};
  std::function<std::optional<Provenance>(const DocumentPlace& place)> provenance{};
  EvaluationLimits limits{};
};

/// One leaf of an expectation that is not met.
struct Unmet {
  std::string pointer;                 ///< into the expectation
  json::Value expected;                ///< the leaf, a matcher as it was written
  std::optional<json::Value> actual{}; ///< nothing when there is none
  std::string rule;                    ///< `equality`, `object`, `list`, or the matcher's name
  DocumentPlace place{};               ///< where the actual is, or would be
  std::string declared_by{};
  std::optional<Timestamp> since{};
  std::optional<Provenance> provenance{};
  std::string unknown{}; ///< why the actual cannot be had, else empty
  std::optional<Timestamp> next_flip{};
  /// The pointer of the object that is missing as a whole, of which this is a part; nothing when
  /// the object around it is there.
  std::optional<std::string> missing{};
  bool met = false; ///< with Explain::all: the leaf is met
};

/// In what way an expectation is not met.
enum class Category : std::uint8_t {
  missing,    ///< there is nothing
  misaligned, ///< there is something else
  undesired,  ///< there is something that is not to be there
  unknown,    ///< it cannot be had now
};
/// "missing", "misaligned", "undesired", "unknown".
std::string_view name_of(Category category);
std::optional<Category> category_of(std::string_view name);

/// One place in which an expectation is not met. What is missing as a whole, an item of a list or
/// the document itself, is one leaf whatever is expected of it.
struct Leaf {
  /// Where, by the keys of lists instead of positions: `serviceCharacteristic[bandwidth].value`;
  /// empty: the document. Different leaves of one evaluation have different addresses.
  std::string address;
  std::string pointer; ///< into the expectation
  Category category = Category::misaligned;
  bool closable = false; ///< there is one value, or a removal, that meets it and can be made
  std::string fixed{};   ///< why that cannot be made, else empty
  json::Value expected;  ///< a matcher as it was written; of what is undesired: what names it
  std::optional<json::Value> actual{};
  std::string rule{};
  DocumentPlace place{}; ///< where the actual is, or would be
  std::string unknown{};
  std::optional<Timestamp> since{};
  std::optional<Provenance> provenance{};
  std::optional<Timestamp> next_flip{};
  bool met = false; ///< with Explain::all: nothing is outstanding here; it has no category
};

/// What came of one evaluation.
struct Evaluation {
  std::optional<json::Value> residue{}; ///< in the expectation's shape; nothing when all is met
  std::size_t unmet = 0;                ///< leaves in the residue
  std::vector<Unmet> explanation{};     ///< with Explain::yes one entry per unmet leaf
  std::optional<Timestamp> next_flip{}; ///< when some leaf changes by the clock alone

  [[nodiscard]] bool outstanding() const { return residue.has_value(); }
};

struct Compiled;

/// An expectation over JSON documents (wire.md §7), compiled once and evaluated often.
///
///     auto expected = json::read(R"({"state": "active", "bandwidth": {"$gte": 100}})");
///     auto expectation = outstanding::Expectation::compile(*expected);
///     auto evaluation = expectation->evaluate(&actual, {.now = Timestamp::now()});
///     if (evaluation->outstanding()) …  // evaluation->residue is what is missing
///
/// Thread rule: immutable, any thread; copies share what was compiled.
class Expectation {
public:
  /// Refuses, naming the JSON pointer: unknown matchers, arguments they cannot take, patterns that
  /// cannot run in linear time, and what exceeds the limits.
  static Result<Expectation> compile(json::Value document, const CompileOptions& options = {});

  /// Compares with an actual document; null pointer stands for one that does not exist. Fails with
  /// too_large beyond the limits, with the resolver's error, and in profile reference where the
  /// reference raises.
  [[nodiscard]] Result<Evaluation> evaluate(const json::Value* actual,
                                            const EvaluationContext& context) const;

  /// The same of a document that is looked at where the expectation says something.
  [[nodiscard]] Result<Evaluation> evaluate(DocumentView& actual,
                                            const EvaluationContext& context) const;

  /// The actual with every equality leaf of this expectation (usually a residue) fulfilled: values
  /// set, missing items added, `{"$absent": true}` removed. Leaves that name no one value stay as
  /// they are.
  [[nodiscard]] json::Value apply_to(json::Value actual) const;

  /// The leaves of an evaluation of this expectation that was made with an explanation, in the
  /// order of the expectation.
  [[nodiscard]] std::vector<Leaf> leaves_of(const Evaluation& evaluation) const;

  /// The document compiled, unchanged.
  [[nodiscard]] const json::Value& document() const;
  [[nodiscard]] Profile profile() const;
  /// Leaves in the expectation.
  [[nodiscard]] std::size_t leaves() const;

private:
  explicit Expectation(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  // Shared because evaluations on several threads hold the expectation they work on.
  std::shared_ptr<const Compiled> compiled_;
};

/// The explanation of an evaluation as JSON: a list of objects with pointer, expected, actual, rule
/// and, where known, document, declaredBy, since, source, ageSeconds, unknown and nextFlip.
json::Value explanation_json(const Evaluation& evaluation, Timestamp now);

/// The JSON Schema (2020-12) of expectation documents.
std::string_view expectation_schema();

} // namespace diffo::outstanding
