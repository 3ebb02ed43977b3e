#include "tmf/check.h"

#include "tmf/vocabulary.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

namespace diffo::tmf {
namespace {

constexpr std::size_t most_problems = 100;
constexpr int deepest = 32;

enum class Form : std::uint8_t { text, boolean, number, object, texts, objects };
enum Published : std::uint8_t { v4_only = 1, v5_only = 2, both = 3 };

struct Attribute;
using Attributes = std::span<const Attribute>;
/// A function, so that shapes can name each other whatever their order.
using Shape = Attributes (*)();

struct Attribute {
  std::string_view name;
  Form form = Form::text;
  Published published = both;
  Shape inner = nullptr;
  /// The words of its enumeration; for an attribute with a vocabulary that has the last word.
  std::string_view words = {};
};

bool is_published(const Attribute& attribute, Version version) {
  return (attribute.published & (version == Version::v4 ? v4_only : v5_only)) != 0;
}

Attributes period() {
  static constexpr Attribute list[] = {{"startDateTime"}, {"endDateTime"}};
  return list;
}

Attributes reference() {
  static constexpr Attribute list[] = {
      {"id"}, {"href"}, {"name"}, {"@type"}, {"@baseType"}, {"@schemaLocation"}, {"@referredType"}};
  return list;
}

Attributes specification() {
  static constexpr Attribute list[] = {{"id"},
                                       {"href"},
                                       {"name"},
                                       {"version"},
                                       {"@type"},
                                       {"@baseType"},
                                       {"@schemaLocation"},
                                       {"@referredType"}};
  return list;
}

Attributes party_reference() {
  static constexpr Attribute list[] = {
      {"id"},           {"href"},  {"name"},      {"partyId"},
      {"partyName"},    {"@type"}, {"@baseType"}, {"@schemaLocation"},
      {"@referredType"}};
  return list;
}

Attributes characteristic_relationship() {
  static constexpr Attribute list[] = {
      {"id"}, {"relationshipType"}, {"@type"}, {"@baseType"}, {"@schemaLocation"}};
  return list;
}

Attributes characteristic() {
  static constexpr Attribute list[] = {
      {"id"},
      {"name"},
      {"valueType"},
      {"characteristicRelationship", Form::objects, both, characteristic_relationship},
      {"@type"},
      {"@baseType"},
      {"@schemaLocation"}};
  return list;
}

Attributes feature_relationship() {
  static constexpr Attribute list[] = {{"id"},
                                       {"name"},
                                       {"relationshipType"},
                                       {"validFor", Form::object, both, period},
                                       {"@type", Form::text, v5_only}};
  return list;
}

Attributes service_feature() {
  static constexpr Attribute list[] = {
      {"id"},
      {"name"},
      {"isBundle", Form::boolean},
      {"isEnabled", Form::boolean},
      {"constraint", Form::objects, both, specification},
      {"featureCharacteristic", Form::objects, both, characteristic},
      {"featureRelationship", Form::objects, both, feature_relationship},
      {"@type", Form::text, v5_only}};
  return list;
}

Attributes resource_feature() {
  static constexpr Attribute list[] = {
      {"id"},
      {"name"},
      {"isBundle", Form::boolean},
      {"isEnabled", Form::boolean},
      {"constraint", Form::objects, v4_only, specification},
      {"policyConstraint", Form::objects, v5_only, specification},
      {"featureCharacteristic", Form::objects, both, characteristic},
      {"featureRelationship", Form::objects, both, feature_relationship},
      {"@type", Form::text, v5_only}};
  return list;
}

Attributes note() {
  static constexpr Attribute list[] = {
      {"id"}, {"author"}, {"date"}, {"text"}, {"@type", Form::text, v5_only}};
  return list;
}

Attributes order_item() {
  static constexpr Attribute list[] = {{"itemId"},
                                       {"role"},
                                       {"itemAction"},
                                       {"serviceOrderId"},
                                       {"serviceOrderHref"},
                                       {"resourceOrderId"},
                                       {"resourceOrderHref"},
                                       {"@referredType"},
                                       {"@type", Form::text, v5_only}};
  return list;
}

Attributes external_identifier() {
  static constexpr Attribute list[] = {{"id"}, {"owner"}, {"externalIdentifierType"}, {"@type"}};
  return list;
}

Attributes attachment() {
  static constexpr Attribute list[] = {{"id"},
                                       {"href"},
                                       {"name"},
                                       {"description"},
                                       {"url"},
                                       {"attachmentType", Form::text, v4_only},
                                       {"content", Form::text, v4_only},
                                       {"mimeType", Form::text, v4_only},
                                       {"size", Form::object, v4_only},
                                       {"validFor", Form::object, v4_only, period},
                                       {"@type"},
                                       {"@referredType"}};
  return list;
}

// The three related things are flat in v4 and nested in v5.
Attributes related_party() {
  static constexpr Attribute list[] = {
      {"id", Form::text, v4_only},
      {"href", Form::text, v4_only},
      {"name", Form::text, v4_only},
      {"role"},
      {"@type"},
      {"@referredType", Form::text, v4_only},
      {"partyOrPartyRole", Form::object, v5_only, party_reference}};
  return list;
}

Attributes related_place() {
  static constexpr Attribute list[] = {{"id", Form::text, v4_only},
                                       {"href", Form::text, v4_only},
                                       {"name", Form::text, v4_only},
                                       {"role"},
                                       {"@type"},
                                       {"@referredType", Form::text, v4_only},
                                       {"place", Form::object, v5_only, reference}};
  return list;
}

Attributes related_entity() {
  static constexpr Attribute list[] = {{"id", Form::text, v4_only},
                                       {"href", Form::text, v4_only},
                                       {"name", Form::text, v4_only},
                                       {"role"},
                                       {"@type"},
                                       {"@referredType", Form::text, v4_only},
                                       {"entity", Form::object, v5_only, reference}};
  return list;
}

Attributes service_relationship() {
  static constexpr Attribute list[] = {
      {"relationshipType"},
      {"@type", Form::text, v5_only},
      {"service", Form::object, both, reference},
      {"serviceRelationshipCharacteristic", Form::objects, both, characteristic}};
  return list;
}

Attributes resource_relationship() {
  static constexpr Attribute list[] = {
      {"relationshipType"},
      {"@type", Form::text, v5_only},
      {"resource", Form::object, both, reference},
      {"resourceRelationshipCharacteristic", Form::objects, v5_only, characteristic}};
  return list;
}

Attributes service() {
  static constexpr Attribute list[] = {
      {"id"},
      {"href"},
      {"@type"},
      {"@baseType"},
      {"@schemaLocation"},
      {"name"},
      {"description"},
      {"category"},
      {"serviceType"},
      {"isBundle", Form::boolean},
      {"isServiceEnabled", Form::boolean},
      {"hasStarted", Form::boolean},
      {"isStateful", Form::boolean},
      {"startDate"},
      {"endDate"},
      {"serviceDate"},
      {"startMode"},
      {"state", Form::text, both, nullptr, "vocabulary"},
      {"operatingStatus", Form::text, v5_only, nullptr, "vocabulary"},
      {"serviceSpecification", Form::object, both, specification},
      {"feature", Form::objects, both, service_feature},
      {"note", Form::objects, both, note},
      {"place", Form::objects, both, related_place},
      {"relatedEntity", Form::objects, both, related_entity},
      {"relatedParty", Form::objects, both, related_party},
      {"serviceCharacteristic", Form::objects, both, characteristic},
      {"serviceOrderItem", Form::objects, both, order_item},
      {"serviceRelationship", Form::objects, both, service_relationship},
      {"supportingResource", Form::objects, both, reference},
      {"supportingService", Form::objects, both, reference},
      {"externalIdentifier", Form::objects, v5_only, external_identifier},
      {"intent", Form::object, v5_only}};
  return list;
}

Attributes resource() {
  static constexpr Attribute list[] = {
      {"id"},
      {"href"},
      {"@type"},
      {"@baseType"},
      {"@schemaLocation"},
      {"name"},
      {"description"},
      {"category"},
      {"resourceVersion"},
      {"startOperatingDate"},
      {"endOperatingDate"},
      {"creationDate", Form::text, v5_only},
      {"validFor", Form::object, v5_only, period},
      {"administrativeState", Form::text, both, nullptr, "vocabulary"},
      {"operationalState", Form::text, both, nullptr, "vocabulary"},
      {"usageState", Form::text, both, nullptr, "idle active busy"},
      {"resourceStatus", Form::text, v4_only, nullptr,
       "standby alarm available reserved unknown suspended"},
      {"lifecycleState", Form::text, v5_only, nullptr, "planned installed pendingRemoval"},
      {"alarmStatus", Form::texts, v5_only, nullptr,
       "underRepair critical major minor alarmOutstanding"},
      {"proceduralStatus", Form::text, v5_only, nullptr,
       "initializationRequired notInitialized initializing reporting terminating"},
      {"availabilityStatus", Form::text, v5_only, nullptr,
       "inTest failed powerOff online offline offDuty dependency degraded notInstalled logFull"},
      {"controlStatus", Form::text, v5_only, nullptr,
       "subjectToTest partOfServicesLocked reservedForTest suspended"},
      {"unknownStatus", Form::boolean, v5_only},
      {"allocationStatus", Form::text, v5_only},
      {"activationFeature", Form::objects, both, resource_feature},
      {"attachment", Form::objects, both, attachment},
      {"note", Form::objects, both, note},
      {"place", Form::objects, v5_only, related_place},
      {"place", Form::object, v4_only, related_place},
      {"relatedParty", Form::objects, both, related_party},
      {"resourceCharacteristic", Form::objects, both, characteristic},
      {"resourceRelationship", Form::objects, both, resource_relationship},
      {"resourceSpecification", Form::object, both, specification},
      {"resourceOrderItem", Form::objects, v5_only, order_item},
      {"supportingResource", Form::objects, v5_only, reference},
      {"externalIdentifier", Form::objects, v5_only, external_identifier},
      {"intent", Form::object, v5_only}};
  return list;
}

// Attributes that only the published subclasses of a resource have; another class may use the names
// in its own way.
struct Subclass {
  std::string_view type;
  Attribute attribute;
};
constexpr Subclass subclass_attributes[] = {
    {"LogicalResource", {"value"}},
    {"SoftwareResource", {"value", Form::text, v5_only}},
    {"SoftwareResource", {"isDistributedCurrent", Form::boolean, v5_only}},
    {"SoftwareResource", {"lastUpdate", Form::text, v5_only}},
    {"SoftwareResource", {"targetPlatform", Form::text, v5_only}},
    {"ResourceFunction", {"value", Form::text, v5_only}},
    {"ResourceFunction", {"priority", Form::number, v5_only}},
    {"ResourceFunction", {"role", Form::text, v5_only}},
    {"ResourceFunction", {"functionType", Form::text, v5_only}},
    {"ResourceFunction", {"autoModification", Form::objects, v5_only, characteristic}},
    {"ResourceFunction", {"connectionPoint", Form::objects, v5_only, reference}},
    {"ResourceFunction", {"connectivity", Form::objects, v5_only}},
    {"ResourceFunction", {"schedule", Form::objects, v5_only, reference}},
    {"PhysicalResource", {"manufactureDate"}},
    {"PhysicalResource", {"powerState"}},
    {"PhysicalResource", {"serialNumber"}},
    {"PhysicalResource", {"versionNumber"}},
    {"PhysicalResource", {"batchNumber", Form::text, v5_only}},
    {"PhysicalResource",
     {"standbyStatus", Form::text, v5_only, nullptr, "hotStandby coldStandby providingService"}},
    {"PhysicalResource",
     {"powerConsumingState", Form::text, v5_only, nullptr,
      "fullPower powerSaving sleeping shutdown"}},
    {"PhysicalResource", {"powerConsumingLevel", Form::number, v5_only}},
};

std::string_view words_of(Form form) {
  switch (form) {
  case Form::text:
    return "must be a string";
  case Form::boolean:
    return "must be true or false";
  case Form::number:
    return "must be a number";
  case Form::object:
    return "must be an object";
  case Form::texts:
    return "must be an array of strings";
  case Form::objects:
    return "must be an array of objects";
  }
  return {};
}

bool has_word(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    const std::size_t space = words.find(' ');
    if (words.substr(0, space) == wanted)
      return true;
    words = space == std::string_view::npos ? std::string_view() : words.substr(space + 1);
  }
  return false;
}

class Checker {
public:
  Checker(Api api, Version version) : api_(api), version_(version) {}

  void check_root(const json::Object& document) {
    const Attributes shape = api_ == Api::service ? service() : resource();
    std::string path;
    for (const auto& [name, value] : document) {
      if (value.is_null())
        continue; // a first-level null equals absence
      for (const Attribute& attribute : shape)
        if (attribute.name == name && is_published(attribute, version_))
          check_first_level(attribute, value);
    }
    if (api_ == Api::resource)
      check_subclass(document);
    check_mandatory(document);
  }

  void add(std::string path, std::string message) {
    if (problems.size() < most_problems)
      problems.push_back({ErrorCode::invalid, std::move(message), std::move(path)});
  }

  std::vector<Error> problems;

private:
  void check_first_level(const Attribute& attribute, const json::Value& value) {
    std::string path;
    json::append_token(path, attribute.name);
    const std::size_t before = problems.size();
    check_value(attribute, value, path, 0);
    if (problems.size() == before && !attribute.words.empty())
      check_words(attribute, value, path);
  }

  void check_words(const Attribute& attribute, const json::Value& value, const std::string& path) {
    if (const json::Array* items = value.if_array()) {
      for (std::size_t index = 0; index < items->size(); ++index)
        if ((*items)[index].is_string() && !has_word(attribute.words, (*items)[index].string()))
          add(path + '/' + std::to_string(index), refused((*items)[index].string(), attribute));
      return;
    }
    const std::string& text = value.string();
    const bool known = has_vocabulary(attribute.name)
                           ? internal_value(attribute.name, text, version_).has_value()
                           : has_word(attribute.words, text);
    if (!known)
      add(path, refused(text, attribute));
  }

  static std::string refused(const std::string& text, const Attribute& attribute) {
    std::string message = "\"" + text.substr(0, 64) + "\" is no " + std::string(attribute.name);
    if (!has_vocabulary(attribute.name))
      message += "; it is one of " + std::string(attribute.words);
    return message;
  }

  void check_subclass(const json::Object& document) {
    const json::Value* type = document.find("@type");
    if (type == nullptr || !type->is_string())
      return;
    for (const Subclass& subclass : subclass_attributes) {
      if (subclass.type != type->string() || !is_published(subclass.attribute, version_))
        continue;
      const json::Value* value = document.find(subclass.attribute.name);
      if (value != nullptr && !value->is_null())
        check_first_level(subclass.attribute, *value);
    }
  }

  void check_mandatory(const json::Object& document) {
    if (version_ == Version::v5)
      demand(document, "@type");
    if (api_ == Api::service) {
      demand(document, "state");
      demand(document, "serviceSpecification");
    } else if (version_ == Version::v4) {
      demand(document, "name");
    }
  }

  void demand(const json::Object& document, std::string_view name) {
    const json::Value* value = document.find(name);
    if (value == nullptr || value->is_null())
      add('/' + std::string(name), std::string(name) + " is mandatory");
  }

  void check_object(Shape shape, const json::Object& object, const std::string& path, int depth) {
    if (depth > deepest)
      return;
    for (const auto& [name, value] : object) {
      if (value.is_null())
        continue;
      for (const Attribute& attribute : shape())
        if (attribute.name == name && is_published(attribute, version_)) {
          std::string inner = path;
          json::append_token(inner, name);
          check_value(attribute, value, inner, depth + 1);
        }
    }
  }

  void check_value(const Attribute& attribute, const json::Value& value, const std::string& path,
                   int depth) {
    const bool fits = [&] {
      switch (attribute.form) {
      case Form::text:
        return value.is_string();
      case Form::boolean:
        return value.is_boolean();
      case Form::number:
        return value.is_number();
      case Form::object:
        return value.is_object();
      case Form::texts:
      case Form::objects:
        return value.is_array();
      }
      return true;
    }();
    if (!fits) {
      add(path, std::string(attribute.name) + ' ' + std::string(words_of(attribute.form)));
      return;
    }
    if (attribute.form == Form::object && attribute.inner != nullptr)
      check_object(attribute.inner, value.object(), path, depth);
    if (const json::Array* items = value.if_array())
      check_items(attribute, *items, path, depth);
  }

  void check_items(const Attribute& attribute, const json::Array& items, const std::string& path,
                   int depth) {
    for (std::size_t index = 0; index < items.size(); ++index) {
      const json::Value& item = items[index];
      if (item.is_null())
        continue;
      const std::string inner = path + '/' + std::to_string(index);
      if (attribute.form == Form::texts ? !item.is_string() : !item.is_object())
        add(inner, std::string(attribute.name) + ' ' + std::string(words_of(attribute.form)));
      else if (attribute.form == Form::objects && attribute.inner != nullptr)
        check_object(attribute.inner, item.object(), inner, depth);
    }
  }

  Api api_;
  Version version_;
};

} // namespace

std::vector<Error> problems_of(const json::Value& document, Api api, Version version) {
  Checker checker(api, version);
  if (const json::Object* object = document.if_object())
    checker.check_root(*object);
  else
    checker.add("", "the document must be an object");
  return std::move(checker.problems);
}

Error error_of(std::vector<Error> problems) {
  DIFFO_ASSERT(!problems.empty());
  if (problems.size() == 1)
    return std::move(problems.front());
  const std::string message = std::to_string(problems.size()) + " problems";
  return {ErrorCode::invalid, message, {}, std::move(problems)};
}

} // namespace diffo::tmf
