#pragma once

#include <diffo/calendar.h>
#include <diffo/range.h>
#include <diffo/result.h>

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffo {
class Pattern;
}

namespace diffo::terms {

/// What a Term is. nil, boolean and atom are all atoms to the rules that ask for one.
enum class TermKind : std::uint8_t {
  nil,
  boolean,
  atom,
  text,
  integer,
  real,
  list,
  map,
  tuple,
  set,
  range,
  regex,
  date,
  time,
  naive,
  datetime,
  duration,
  function,
  record,
  not_loaded,
};

/// How a record's fields are to be read: `full` has a value for every field of its type; `sparse`
/// lists only those that are in it, as a residue does.
enum class RecordForm : std::uint8_t { full, sparse };

/// One value of the world that outstanding.md describes, richer than JSON: atoms, tuples, sets,
/// ranges, patterns, dates, durations, functions and records. Terms are immutable values; copying
/// one is cheap. Thread rule: immutable, any thread.
class Term {
public:
  using Entry = std::pair<Term, Term>;
  using Field = std::pair<std::string, Term>;

  Term() = default; ///< nil
  Term(const Term&) = default;
  Term(Term&&) noexcept = default;
  Term& operator=(const Term& other);
  Term& operator=(Term&& other) noexcept;
  ~Term();

  static Term boolean(bool value);
  /// The names nil, true and false give nil and the booleans, which are those atoms.
  static Term atom(std::string name);
  static Term text(std::string value);
  static Term integer(std::int64_t value);
  static Term real(double value);
  static Term list(std::vector<Term> items);
  /// Keys are strict: 1 is not 1.0 and text is no atom. Of equal keys the last wins.
  static Term map(std::vector<Entry> entries);
  static Term tuple(std::vector<Term> items);
  static Term set(std::vector<Term> members);
  static Term range(Range value);
  /// Perl syntax as far as it runs in linear time; options of the letters i, m, s, x, u and U.
  /// Look-around, back references and patterns that are too large are refused.
  static Result<Term> regex(std::string_view source, std::string_view options = {});
  static Term date(Date value);
  static Term time(TimeOfDay value);
  static Term naive(Moment value);
  static Term datetime(Moment value);
  static Term duration(Duration value);
  /// An expected function by its name.
  static Term function(std::string name);
  /// A two-argument expected function paired with its argument: the tuple of both.
  static Term applied(std::string name, Term argument);
  static Term record(std::string type, std::vector<Field> fields, RecordForm form);
  static Term not_loaded();

  [[nodiscard]] TermKind kind() const;
  [[nodiscard]] bool is_nil() const { return node_ == nullptr; }
  /// Nesting: 0 for what holds no other term.
  [[nodiscard]] std::size_t depth() const;
  /// nil, booleans and atoms.
  [[nodiscard]] bool is_atom() const;
  /// True for the atom of that name; nil, true and false are found by their names too.
  [[nodiscard]] bool is_atom(std::string_view name) const;
  /// Records in the wide sense: everything that is a map with a type (ranges, sets, patterns,
  /// dates, …).
  [[nodiscard]] bool is_record_like() const;
  /// A non-empty list of pairs whose first is an atom (outstanding.md §4.10).
  [[nodiscard]] bool is_keyword() const;

  /// Each accessor demands the right kind (DIFFO_ASSERT).
  [[nodiscard]] bool boolean() const;
  /// The name of an atom (nil and booleans included) or a function, the text of a text, the type of
  /// a record.
  [[nodiscard]] std::string_view name() const;
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] double real() const;
  [[nodiscard]] const Range& range() const;
  [[nodiscard]] const Pattern& pattern() const;
  [[nodiscard]] Date date() const;
  [[nodiscard]] TimeOfDay time() const;
  [[nodiscard]] Moment moment() const; ///< of a naive or a datetime
  [[nodiscard]] const Duration& duration() const;
  /// Items of a list or tuple, members of a set in canonical order, key then value of each entry of
  /// a map in canonical order of the keys, the values of a record's fields; nothing for others.
  [[nodiscard]] const std::vector<Term>& items() const;
  [[nodiscard]] const std::vector<std::string>& field_names() const;
  [[nodiscard]] RecordForm form() const;
  /// The value of that key of a map, or null pointer. Logarithmic.
  [[nodiscard]] const Term* find(const Term& key) const;
  /// The field of a record, or null pointer.
  [[nodiscard]] const Term* field(std::string_view name) const;
  /// Whether a set has the member, strictly. Logarithmic.
  [[nodiscard]] bool contains(const Term& member) const;

  /// A total order, strict: 1 and 1.0 differ, 0.0 and -0.0 differ. Does not recurse, so any depth
  /// is safe.
  static std::strong_ordering compare(const Term& left, const Term& right);
  friend bool operator==(const Term& left, const Term& right) {
    return compare(left, right) == std::strong_ordering::equal;
  }

private:
  struct Node;
  explicit Term(std::shared_ptr<Node> node) : node_(std::move(node)) {}
  static Term make(Node node);
  static std::strong_ordering compare_shallow(const Term& left, const Term& right);
  void release();
  // Shared because residues hold parts of the expectation they come from.
  std::shared_ptr<Node> node_;
};

/// The term for a person, near the notation of the reference: `%{:state=>:active}`. Cut at a few
/// thousand characters.
std::string describe(const Term& term);

} // namespace diffo::terms
