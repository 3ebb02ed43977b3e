#include "model/contradictions.h"

#include "model/model.h"
#include "model/words.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace diffo::model {
namespace {

using graph::Element;

const Element* outer_of(const Element& item) {
  for (const Element& child : item.children)
    if (child.kind == kinds::outer)
      return &child;
  return nullptr;
}

class Search {
public:
  explicit Search(const graph::Schema& schema)
      : model_(model_of(schema)), dictionary_(schema.dictionary()) {}
  std::vector<Contradiction> found;

  /// An element and those around it, of which a path is made when there is something to say.
  struct Place {
    const Element& element;
    const Place* outer = nullptr;
    std::size_t index = 0; ///< among those of its kind
  };

  void look_at(const Place& place) {
    if (!is_plain(place.element))
      compare_names(place);
    if (place.element.children.empty())
      return;
    std::array<std::size_t, 256> count{}; // by kind
    for (const Element& child : place.element.children)
      if (child.kind != kinds::outer)
        look_at({child, &place, count[child.kind]++});
  }

private:
  /// The usual case, told without a list: fields of different words, and neither extras nor
  /// children that could bear their names.
  static bool is_plain(const Element& element) {
    if (!element.extra.empty() || outer_of(element) != nullptr)
      return false;
    for (std::size_t left = 0; left < element.fields.size(); ++left) {
      if (element.target && element.fields[left].first == words::id)
        return false;
      for (std::size_t right = left + 1; right < element.fields.size(); ++right)
        if (element.fields[left].first == element.fields[right].first)
          return false;
    }
    return true;
  }

  void compare_names(const Place& place) {
    const Element& element = place.element;
    const KindTraits& traits = model_.traits_of(element.kind, Api::service);
    const bool two_objects = traits.build == Build::relation || traits.build == Build::related;
    std::vector<std::string_view> inner, outer;
    inner.reserve(element.fields.size() + element.extra.size() + 2);
    if (element.target)
      inner.emplace_back("id");
    for (const auto& field : element.fields) {
      const graph::Word word =
          two_objects ? model_.outer_member(element.kind, field.first) : graph::Word{0};
      if (word != 0)
        outer.push_back(dictionary_.text(word));
      else
        inner.push_back(dictionary_.text(field.first));
    }
    for (const json::Member& member : element.extra)
      inner.push_back(member.name);
    if (const Element* around = outer_of(element))
      for (const json::Member& member : around->extra)
        outer.push_back(member.name);
    add_child_names(element, two_objects ? outer : inner);
    if (two_objects)
      outer.push_back(dictionary_.text(traits.inner));
    report(std::move(outer), place, {});
    report(std::move(inner), place,
           two_objects ? dictionary_.text(traits.inner) : std::string_view());
  }

  void add_child_names(const Element& element, std::vector<std::string_view>& names) const {
    std::vector<graph::Word> seen;
    for (const Element& child : element.children)
      if (const auto word = model_.home_word(element.kind, child.kind, Api::service, Version::v4);
          word && std::find(seen.begin(), seen.end(), *word) == seen.end()) {
        seen.push_back(*word);
        names.push_back(dictionary_.text(*word));
      }
  }

  /// Told without sorting where they are few; false where they are many.
  static bool are_different(const std::vector<std::string_view>& names) {
    constexpr std::size_t few = 16;
    if (names.size() > few)
      return false;
    for (std::size_t left = 0; left < names.size(); ++left)
      for (std::size_t right = left + 1; right < names.size(); ++right)
        if (names[left] == names[right])
          return false;
    return true;
  }

  /// `within`: the object inside that has the names, if it is not the item itself.
  void report(std::vector<std::string_view> names, const Place& place, std::string_view within) {
    if (are_different(names))
      return;
    std::sort(names.begin(), names.end());
    for (auto at = std::adjacent_find(names.begin(), names.end()); at != names.end();
         at = std::adjacent_find(at + 1, names.end()))
      found.push_back(
          {path_of(place) + (within.empty() ? "" : '.' + std::string(within)), std::string(*at)});
  }

  [[nodiscard]] std::string path_of(const Place& place) const {
    if (place.outer == nullptr)
      return {};
    const Element& owner = place.outer->element;
    const auto word = model_.home_word(owner.kind, place.element.kind, Api::service, Version::v4);
    std::string result = path_of(*place.outer);
    if (!result.empty())
      result += '.';
    result += word ? dictionary_.text(*word) : std::string_view("part");
    return model_.is_single(place.element.kind) ? result
                                                : result + '[' + std::to_string(place.index) + ']';
  }

  const Model& model_;
  const graph::Dictionary& dictionary_;
};

} // namespace

std::vector<Contradiction> contradictions_of(const Element& root, const graph::Schema& schema) {
  Search search(schema);
  search.look_at({root});
  return std::move(search.found);
}

std::vector<Contradiction> contradictions_of(const graph::Record& record,
                                             const graph::Schema& schema) {
  return contradictions_of(record.root(schema.dictionary()).to_draft(), schema);
}

std::vector<Error> contradiction_findings(const graph::Record& record,
                                          const graph::Schema& schema) {
  std::vector<Error> findings;
  for (const Contradiction& one : contradictions_of(record, schema)) {
    const std::string whole = one.path.substr(0, one.path.find_first_of("[."));
    findings.push_back({ErrorCode::corrupt,
                        "the member " + one.member +
                            " stands twice in one object; to mend it, PATCH " +
                            (whole.empty() ? one.member : whole) + " as a whole",
                        one.path});
  }
  return findings;
}

Result<graph::RecordRef> encode(const graph::RecordDraft& draft, const graph::Schema& schema) {
  // What nobody declared has no names by which it could contradict itself.
  const std::vector<Contradiction> found = schema.owner() != nullptr
                                               ? contradictions_of(draft.root, schema)
                                               : std::vector<Contradiction>();
  if (found.empty())
    return graph::encode(draft, schema.dictionary());
  const Contradiction& first = found.front();
  return Error{ErrorCode::invalid, "it would have two members \"" + first.member + "\" in " +
                                       (first.path.empty() ? "the entity" : first.path)};
}

} // namespace diffo::model
