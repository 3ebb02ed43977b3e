#pragma once

// What an expectation is compiled to. A node never copies the document: it points into it.

#include "base/dates.h"
#include "base/pattern.h"
#include "outstanding/functions.h"

#include <diffo/expectation.h>
#include <diffo/range.h>

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace diffo::outstanding {

enum class Rule : std::uint8_t {
  nothing,    ///< null: no expectation
  literal,    ///< a scalar: equality
  equal,      ///< $eq: deep equality
  object,     ///< every member
  positional, ///< list by position, strict in length
  keyed,      ///< list by key
  only,       ///< list by key that has nothing else
  no_item,    ///< an item of a list by key that is not to be there
  set,
  tuple,
  keyword,
  any_of,
  one_of,
  none_of,
  all_of,
  function, ///< $is and $any
  range,    ///< integers by step
  interval, ///< a value between two bounds
  compare,  ///< $gt $gte $lt $lte
  regex,
  absent,
  present,
  temporal,      ///< equality of dates, times, datetimes or durations
  duration_less, ///< less_than and the other duration comparers
  duration_greater,
  duration_inside,
  duration_outside,
};

enum class Comparator : std::uint8_t { greater, greater_or_equal, less, less_or_equal };

/// A bound of $gt and the like: a JSON number, a date, or a time of day.
using Bound = std::variant<const json::Value*, TextOperand, TimeOfDay>;

struct Node {
  Rule rule = Rule::nothing;
  const json::Value* source = nullptr; ///< the part of the document, matcher included
  std::string name{};                  ///< object members: the attribute; keyword: the key
  std::string matcher{};               ///< `$gte` …; empty without
  std::vector<Node> children{};
  std::size_t leaves = 0;

  /// Objects: the shape of the list it is an item of; keyed: the shape of the list.
  const ListShape* shape = nullptr;
  bool is_keyed_by_place = false;  ///< $only: a plain list in its place is keyed as well
  std::vector<std::size_t> keys{}; ///< objects in keyed lists: the children that are its key
  /// The id inside the nested reference is part of the key: the reference's child and the id's in
  /// that.
  std::optional<std::pair<std::size_t, std::size_t>> target_key{};
  std::unique_ptr<Node> expect{}; ///< objects: a nested expectation about what the object refers to
  std::string_view family{};      ///< with expect: of what it refers to
  /// Of what is held against a whole document: where that is looked at.
  std::vector<DocumentPath> reads{};
  std::unique_ptr<ListShape> given{}; ///< $keyed: the shape it names

  std::string function{};
  Range range{};
  Comparator comparator = Comparator::greater;
  std::vector<Bound> bounds{};
  std::vector<Duration> durations{};
  std::unique_ptr<TextOperand> date{}; ///< literals that are dates
  Subject temporal{};                  ///< $date, $time, $naive, $dateTime
  std::shared_ptr<const Pattern> pattern{};
};

struct Compiled {
  json::Value document;
  Profile profile = Profile::v5;
  const DocumentShapes* shapes = nullptr;
  Node root;
};

/// Where what is held against a whole document looks at that (reads.cpp).
std::vector<DocumentPath> reads_of(const Node& root);
/// The shape of a keyed list in a position that has none of its own.
const ListShape& general_shape();
/// The attribute of an object of a keyed list, in either its flat or its nested form; null pointer
/// when there is none.
const json::Value* item_attribute(const json::Value& item, std::string_view name,
                                  const ListShape* shape);

} // namespace diffo::outstanding
