#pragma once

/// The outstanding protocol over native terms: what of an expected term is not yet met by an actual
/// one. For programs that need atoms, records, sets or functions; JSON documents with matchers such
/// as {"$gte": 100} are compared by <diffo/expectation.h>.
///
///     using namespace diffo::terms;
///     const Term expected = Term::map({{Term::atom("vlan"), Term::range({1, 4094, 1})}});
///     const Term actual = Term::map({{Term::atom("vlan"), Term::integer(4095)}});
///     auto residue = difference(expected, actual, diffo::Timestamp::now());
///     // %{:vlan=>1..4094//1}

#include <diffo/result.h>
#include <diffo/term.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffo::terms {

class Comparison;

/// An expected function of one argument; its result is the residue, nil when satisfied.
using OneArgumentFunction = std::function<Result<Term>(const Term& actual, Comparison& comparison)>;
/// An expected function paired with an argument.
using TwoArgumentFunction =
    std::function<Result<Term>(const Term& argument, const Term& actual, Comparison& comparison)>;
/// The rule of a record type: gives the residue, of whatever shape.
using RecordRule =
    std::function<Result<Term>(const Term& expected, const Term& actual, Comparison& comparison)>;
/// A step after the base rule of an `expect` record; must cope with a nil residue and a nil actual.
using Customisation = std::function<Result<Term>(const Term& residue, const Term& expected,
                                                 const Term& actual, Comparison& comparison)>;

/// What a record type's expectations mean.
enum class RecordKind : std::uint8_t {
  none,    ///< no rule: an error as an expectation, legal as an actual
  derived, ///< outstanding.md §7.2
  same,    ///< as derived, but what is of another type leaves the expectation untouched (§7.3)
  expect,  ///< the named keys against any record (§8.2)
  custom,  ///< the rule given
};

/// A record type as data.
struct RecordType {
  std::string name;
  std::vector<Term::Field> fields{}; ///< with their defaults, in order
  RecordKind kind = RecordKind::none;
  std::vector<std::string> keys{};     ///< `expect`: the expected keys
  std::vector<std::string> excluded{}; ///< `derived`, `same`: fields that are not compared
  RecordRule rule{};                   ///< `custom`
  std::vector<Customisation> customisations{};
  bool open = false; ///< further fields, default nil, are accepted
};

/// The named functions and record types that expectations may use. Thread rule: as a plain value;
/// once filled, read it from any thread.
class Rules {
public:
  Rules() = default; ///< the rules of the plain types only, no function
  /// The functions of outstanding.md §5 and §6, no record type.
  static const Rules& standard();

  void add(std::string name, OneArgumentFunction function);
  void add(std::string name, TwoArgumentFunction function);
  void add(RecordType type);

  [[nodiscard]] const OneArgumentFunction* one_argument(std::string_view name) const;
  [[nodiscard]] const TwoArgumentFunction* two_argument(std::string_view name) const;
  [[nodiscard]] const RecordType* record_type(std::string_view name) const;

private:
  std::map<std::string, OneArgumentFunction, std::less<>> one_argument_;
  std::map<std::string, TwoArgumentFunction, std::less<>> two_argument_;
  std::map<std::string, RecordType, std::less<>> record_types_;
};

/// One top-level comparison: its clock reading, its bounds and where it is. Rules get it to compare
/// parts. Thread rule: one thread.
class Comparison {
public:
  static constexpr std::size_t max_depth = 512;
  static constexpr std::size_t max_steps = 20'000'000;

  Comparison(const Rules& rules, Timestamp now) : rules_(rules), now_(now) {}

  /// The residue of a part; nil when it is met.
  Result<Term> difference(const Term& expected, const Term& actual);
  /// The unmet ones of the wanted fields against a map or any record, as (name, residue).
  Result<std::vector<Term::Field>> fields_difference(const std::vector<Term::Field>& wanted,
                                                     const Term& actual);
  /// The map rule (outstanding.md §4.11).
  Result<Term> map_difference(const Term& expected, const Term& actual);

  [[nodiscard]] Timestamp now() const { return now_; }
  [[nodiscard]] const Rules& rules() const { return rules_; }
  /// An error that names the place reached.
  [[nodiscard]] Error fail(ErrorCode code, std::string message) const;

private:
  class Inside;
  Result<Term> by_kind(const Term& expected, const Term& actual);
  Result<Term> list_difference(const Term& expected, const Term& actual);
  Result<Term> keyword_difference(const Term& expected, const Term& actual);
  Result<Term> set_difference(const Term& expected, const Term& actual);
  Result<Term> tuple_difference(const Term& expected, const Term& actual);
  Result<Term> applied_difference(const Term& expected, const Term& actual);
  Result<Term> call(const Term& function, const Term& actual);
  Result<Term> record_difference(const Term& expected, const Term& actual);
  Result<Term> same_type_difference(const RecordType& type, const Term& expected,
                                    const Term& actual);
  Result<Term> expect_difference(const RecordType& type, const Term& expected, const Term& actual);
  Result<Term> duration_difference(const Term& expected, const Term& actual);
  Result<Term> regex_difference(const Term& expected, const Term& actual);

  const Rules& rules_;
  Timestamp now_;
  std::size_t steps_ = 0;
  std::vector<std::string> path_;
};

/// `expected --- actual`: nil when every expectation is met, else the part of the expectation that
/// is not. Only nil is nothing: false, empty lists and lists of nils are outstanding
/// (outstanding.md §2). Errors are what the reference raises, with the place as path: no_rule (no
/// rule for this type), invalid (a value it cannot work with), malformed (a function with the wrong
/// number of arguments), unprocessable (an argument of the wrong type), unsupported (an atom
/// against a record that needs fields); and too_large beyond the bounds of Comparison.
Result<Term> difference(const Term& expected, const Term& actual, Timestamp now,
                        const Rules& rules = Rules::standard());

/// `expected >>> actual`: whether anything is outstanding.
Result<bool> exceeds(const Term& expected, const Term& actual, Timestamp now,
                     const Rules& rules = Rules::standard());

/// True for everything but nil.
bool is_outstanding(const Term& residue);
/// A full record: the fields given, the type's defaults elsewhere. Fails for an unknown type or
/// field.
Result<Term> make_record(std::string_view type, std::vector<Term::Field> fields,
                         const Rules& rules);
} // namespace diffo::terms
