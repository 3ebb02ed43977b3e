#include "tmf/check.h"

#include "base/text.h"
#include "model/declared.h"
#include "model/neighbours.h"
#include "tmf/geometry.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace diffo::tmf {
namespace {

constexpr std::size_t most_problems = 100;
constexpr int deepest = 32;

/// wire.md §3: a first-level null or [] equals absence.
bool is_absent(const json::Value& value) {
  const json::Array* items = value.if_array();
  return value.is_null() || (items != nullptr && items->empty());
}

/// Where in a document something stands: a chain from within that becomes a path when there is
/// something to say of it.
struct Place {
  const Place* outer = nullptr;
  std::string_view name = {}; ///< of a member; else the index of an item
  std::size_t index = 0;
  bool is_item = false;

  [[nodiscard]] Place member(std::string_view member_name) const { return {this, member_name}; }
  [[nodiscard]] Place item(std::size_t at) const { return {this, {}, at, true}; }
  [[nodiscard]] std::string path() const {
    std::string text = outer != nullptr ? outer->path() : std::string();
    if (is_item)
      text.append("/").append(std::to_string(index));
    else if (outer != nullptr)
      json::append_token(text, name);
    return text;
  }
};

class Checker {
public:
  Checker(const model::Model& model, model::Api api, model::Version version)
      : model_(model), api_(api), version_(version) {}

  void check_root(const json::Object& document) {
    const graph::ElementKind root = model::root_of(api_);
    check_first_level(document, [this](const model::Attribute& attribute) {
      return attribute.is_in(version_) || attribute.is_enumerated();
    });
    if (api_ == model::Api::resource && version_ == model::Version::v4)
      check_places(document);
    // What a kind supplies may be absent (wire.md §1); what it wants its own rules say.
    if (model_.declared().claiming(document, api_) != nullptr)
      return;
    for (const model::Attribute& attribute : model_.attributes_of(root))
      if (attribute.is_demanded(version_))
        demand(document, attribute.name);
  }

  void check_words_of_root(const json::Object& document) {
    check_first_level(document,
                      [](const model::Attribute& attribute) { return attribute.is_enumerated(); });
  }

  void check_types_of_root(const json::Object& document) {
    words_too_ = false;
    check_first_level(
        document, [this](const model::Attribute& attribute) { return attribute.is_in(version_); });
  }

  void add(std::string path, std::string message) {
    if (problems.size() < most_problems)
      problems.push_back({ErrorCode::invalid, std::move(message), std::move(path)});
  }

  std::vector<Error> problems;

private:
  static std::string_view document_type(const json::Object& document) {
    const json::Value* type = document.find("@type");
    return type != nullptr && type->is_string() ? std::string_view(type->string())
                                                : std::string_view();
  }

  template <typename Concerns>
  void check_first_level(const json::Object& document, Concerns concerns) {
    const std::string_view type = document_type(document);
    for (const auto& [name, value] : document) {
      const auto word = model_.dictionary().find(name);
      if (!word || is_absent(value))
        continue;
      for (const model::Attribute* attribute : model_.rows_named(model::root_of(api_), *word))
        if (concerns(*attribute) &&
            (attribute->only_class.empty() || attribute->only_class == type))
          check_first_level(*attribute, value);
    }
    check_geometries(document, type);
  }

  /// RFC 7946: what a location has under these names is GeoJSON, of the form that its type names.
  void check_geometries(const json::Object& document, std::string_view type) {
    if (api_ != model::Api::geographic_location)
      return;
    const std::string_view form = type.starts_with("GeoJson") ? type.substr(7) : "";
    for (const model::Attribute& row : model_.attributes_of(model::root_of(api_))) {
      const json::Value* value = document.find(row.name);
      if (value == nullptr || is_absent(*value))
        continue;
      const std::string path = '/' + std::string(row.name);
      std::optional<Error> problem;
      if (row.schema == model::geometry_schema && value->is_object())
        problem = geometry_problem(*value, path, form);
      else if (row.schema == model::bounding_box_schema)
        problem = bounding_box_problem(*value, path);
      if (problem)
        add(std::move(problem->path), std::move(problem->message));
    }
  }

  void check_first_level(const model::Attribute& attribute, const json::Value& value) {
    const Place document;
    const Place place = document.member(attribute.name);
    const std::size_t before = problems.size();
    check_value(attribute, value, place, 0);
    if (problems.size() == before && words_too_ && attribute.is_enumerated())
      check_words(attribute, value, place);
  }

  /// The words of an enumeration are the same for everybody: what one version does not publish, the
  /// other shows.
  void check_words(const model::Attribute& attribute, const json::Value& value,
                   const Place& place) {
    if (const json::Array* items = value.if_array()) {
      for (std::size_t index = 0; index < items->size(); ++index)
        if (const std::string* text = (*items)[index].if_string())
          check_word(attribute, *text, place.item(index));
        else
          add(place.item(index).path(), "must be one of " + attribute.words_in(version_));
    } else if (const std::string* text = value.if_string()) {
      check_word(attribute, *text, place);
    }
  }

  void check_word(const model::Attribute& attribute, const std::string& word, const Place& place) {
    if (!attribute.has_word(word, version_))
      add(place.path(), "\"" + shortened(word, 64) + "\" is no " + std::string(attribute.name) +
                            "; it is one of " + attribute.words_in(version_));
  }

  /// wire.md §3: `places` is all places of a resource, of which `place` is the first.
  void check_places(const json::Object& document) {
    const json::Value* place = document.find("place");
    const json::Value* places = document.find("places");
    const json::Array* items = places != nullptr ? places->if_array() : nullptr;
    if (items == nullptr)
      return;
    const Place all;
    const Place member = all.member("places");
    for (std::size_t index = 0; index < items->size(); ++index)
      if (const json::Object* item = (*items)[index].if_object())
        check_object(model::kinds::place_reference, model::Of::around, *item, member.item(index),
                     0);
    if (place == nullptr || is_absent(*place) || items->empty() || !items->front().is_object() ||
        items->front() == *place)
      return;
    add("/places/0", "the first of places is not what place says");
  }

  void demand(const json::Object& document, std::string_view name) {
    const json::Value* value = document.find(name);
    if (value == nullptr || is_absent(*value))
      add('/' + std::string(name), std::string(name) + " is mandatory");
  }

  /// The members of an item of that kind; `of`: which of its objects this is.
  void check_object(graph::ElementKind kind, model::Of of, const json::Object& object,
                    const Place& place, int depth) {
    if (depth > deepest)
      return;
    const bool flat = model_.traits_of(kind, api_).build == model::Build::related &&
                      version_ == model::Version::v4;
    for (const auto& [name, value] : object) {
      const auto word = model_.dictionary().find(name);
      if (!word || value.is_null())
        continue;
      for (const model::Attribute* attribute : model_.rows_named(kind, *word, api_, version_))
        if (attribute->is_in(version_) &&
            (flat || attribute->of == of || attribute->of == model::Of::self))
          check_value(*attribute, value, place.member(name), depth + 1);
    }
  }

  void check_value(const model::Attribute& attribute, const json::Value& value, const Place& place,
                   int depth) {
    const model::Form form = attribute.demanded_form(version_);
    if (!fits(value, form)) {
      add(place.path(), name_of(attribute) + ' ' + std::string(demand_of(form)));
      return;
    }
    if (const json::Object* object = form == model::Form::object ? value.if_object() : nullptr) {
      if (attribute.home == model::Home::inner)
        check_object(attribute.owner, model::Of::reference, *object, place, depth);
      else
        check_object(attribute.holds, model::Of::around, *object, place, depth);
    }
    if (const json::Array* items = value.if_array(); form != model::Form::any && items != nullptr)
      check_items(attribute, *items, place, depth);
  }

  void check_items(const model::Attribute& attribute, const json::Array& items, const Place& place,
                   int depth) {
    const model::Form form = attribute.demanded_form(version_);
    for (std::size_t index = 0; index < items.size(); ++index) {
      const json::Value& item = items[index];
      if (item.is_null())
        continue;
      const Place inner = place.item(index);
      if (form == model::Form::texts ? !item.is_string() : !item.is_object())
        add(inner.path(), name_of(attribute) + ' ' + std::string(demand_of(form)));
      else if (form == model::Form::objects)
        check_object(attribute.holds, model::Of::around, item.object(), inner, depth);
    }
  }

  [[nodiscard]] std::string name_of(const model::Attribute& attribute) const {
    return std::string(attribute.name_in(api_, version_));
  }

  const model::Model& model_;
  model::Api api_;
  model::Version version_;
  bool words_too_ = true; ///< words off an enumeration are problems
};

} // namespace

std::vector<Error> type_problems_of(const json::Object& document, model::Api api,
                                    model::Version version, const model::Model& model) {
  Checker checker(model, api, version);
  checker.check_types_of_root(document);
  return std::move(checker.problems);
}

std::vector<Error> problems_of(const json::Value& document, model::Api api, model::Version version,
                               const model::Model& model) {
  Checker checker(model, api, version);
  if (const json::Object* object = document.if_object())
    checker.check_root(*object);
  else
    checker.add("", "the document must be an object");
  return std::move(checker.problems);
}

std::vector<Error> word_problems_of(const json::Object& document, model::Api api,
                                    model::Version version, const model::Model& model) {
  Checker checker(model, api, version);
  checker.check_words_of_root(document);
  return std::move(checker.problems);
}

} // namespace diffo::tmf
