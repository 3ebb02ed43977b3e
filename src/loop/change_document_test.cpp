#include "loop/change_document.h"
#include "model/model.h"
#include "testing/test_documents.h"
#include "tmf/observed.h"
#include "tmf/patch.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace diffo::loop {
namespace {

using json::Value;

json::Value read(std::string_view text) {
  return json::read(text).value();
}

json::Value change(std::string_view before, std::string_view after) {
  return change_between(read(before), read(after), model::inventory_model().document_shapes());
}

/// Without the order of lists, keyed ones have none, and without types: who sees things names none.
Value unordered(Value value) {
  if (json::Array* items = value.if_array()) {
    for (Value& item : *items)
      item = unordered(std::move(item));
    std::sort(items->begin(), items->end(),
              [](const Value& a, const Value& b) { return json::to_text(a) < json::to_text(b); });
  } else if (json::Object* members = value.if_object()) {
    std::vector<json::Member> sorted(members->begin(), members->end());
    std::sort(sorted.begin(), sorted.end(),
              [](const json::Member& a, const json::Member& b) { return a.name < b.name; });
    json::Object made;
    for (json::Member& member : sorted)
      if (member.name != "@type" && (!member.value.is_array() || !member.value.array().empty()))
        made.append(member.name, unordered(std::move(member.value)));
    return made;
  }
  return value;
}

Value shown(const graph::Record& record) {
  return testing::shown(record, model::Version::v5);
}

/// The document after that was seen of the record.
Value seen(const graph::Record& record, const Value& change) {
  const graph::Schema& schema = model::inventory_schema();
  const auto observed =
      tmf::read_observed(change.find("set"), change.find("absent"), model::Api::service, schema);
  if (!observed)
    return observed.error().text();
  constexpr std::int64_t later = 4'000'000'000'000'000;
  const rules::Precedence precedence(std::vector<rules::SourceRule>{});
  const auto merged =
      tmf::merge_observed(record, *observed, {{"network", later}, precedence, {}}, schema);
  if (!merged)
    return merged.error().text();
  return shown(merged->draft ? *testing::packed(*merged->draft) : record);
}

/// Documents of few names, so that lists often have items of the same key.
class Maker {
public:
  explicit Maker(std::vector<std::uint32_t> supply) : supply_(std::move(supply)) {}

  Value document() {
    json::Object root{{"@type", "Service"}, {"id", "s"}, {"state", "active"}};
    root.append("serviceSpecification", reference());
    maybe(root, "description", "d");
    maybe(root, "a.b", number());
    maybe(root, "ext", json::Object{{"deep", value()}});
    list(root, "serviceCharacteristic", [&] { return characteristic(); });
    list(root, "note", [&] { return note(); });
    list(root, "relatedParty", [&] {
      json::Object item{{"partyOrPartyRole", reference()}};
      maybe(item, "role", text());
      return item;
    });
    list(root, "serviceRelationship", [&] {
      json::Object item{{"relationshipType", text()}, {"service", reference()}};
      maybe(item, "name", text());
      list(item, "serviceRelationshipCharacteristic", [&] { return characteristic(); });
      return item;
    });
    list(root, "supportingService", [&] { return reference(); });
    list(root, "feature", [&] {
      json::Object item{{"name", text()}};
      maybe(item, "id", text());
      maybe(item, "isEnabled", true);
      list(item, "featureCharacteristic", [&] { return characteristic(); });
      return item;
    });
    return root;
  }

  /// A document of which each attribute, and each item, is of one of both, or of none.
  Value mixed(const Value& one, const Value& other) {
    json::Object root = one.object();
    for (const json::Member& member : other.object()) {
      if (member.name == "id" || pick(2) == 0)
        continue;
      Value* mine = root.find(member.name);
      if (mine == nullptr || !mine->is_array()) {
        root.set(member.name, member.value);
        continue;
      }
      json::Array items;
      for (const Value* source : {static_cast<const Value*>(mine), &member.value})
        for (const Value& item : source->array())
          if (pick(3) != 0)
            items.push_back(item);
      *mine = std::move(items);
    }
    for (const char* name : {"description", "a.b", "ext", "note"})
      if (pick(5) == 0)
        root.erase(name);
    return root;
  }

private:
  std::uint32_t pick(std::uint32_t end) {
    const std::uint32_t random = supply_.empty() ? 0 : supply_[at_++ % supply_.size()];
    return static_cast<std::uint32_t>((random + at_ / (supply_.size() + 1)) % end);
  }
  std::string text() { return std::string(1, static_cast<char>('a' + pick(3))); }
  Value number() { return static_cast<std::int64_t>(pick(3)); }
  void maybe(json::Object& owner, const char* name, Value value) {
    if (pick(2) == 0)
      owner.append(name, std::move(value));
  }
  Value value() {
    json::Object made;
    for (const char* name : {"a", "b"})
      maybe(made, name, number());
    return pick(3) == 0 ? number() : Value(made);
  }
  json::Object reference() {
    json::Object made{{"id", text()}};
    maybe(made, "name", text());
    return made;
  }
  json::Object characteristic() {
    json::Object made{{"name", text()}, {"value", value()}};
    maybe(made, "valueType", text());
    return made;
  }
  json::Object note() {
    json::Object made{{"text", text()}};
    maybe(made, "id", text());
    maybe(made, "x.y", number());
    return made;
  }
  template <typename Make> void list(json::Object& owner, const char* name, Make make) {
    json::Array items;
    for (std::uint32_t count = pick(4); count > 0; --count)
      items.emplace_back(make());
    if (!items.empty())
      owner.append(name, std::move(items));
  }

  std::vector<std::uint32_t> supply_;
  std::size_t at_ = 0;
};

} // namespace

TEST_CASE("a change says what is to be set and what is to be absent, by the keys of lists") {
  struct Row {
    const char* before;
    const char* after;
    const char* change;
  };
  const Row rows[] = {
      {R"({"a": 1})", R"({"a": 1})", R"({})"},
      {R"({"state": "inactive"})", R"({"state": "active"})", R"({"set": {"state": "active"}})"},
      {R"({"name": "x", "description": "y"})", R"({"name": "x"})",
       R"({"absent": ["description"]})"},
      {R"({"serviceCharacteristic": [{"name": "a", "value": 1}, {"name": "b", "value": 2}]})",
       R"({"serviceCharacteristic": [{"name": "a", "value": 1}, {"name": "b", "value": 3}, {"name": "c", "value": 4}]})",
       R"({"set": {"serviceCharacteristic": [{"name": "b", "value": 3}, {"name": "c", "value": 4}]}})"},
      {R"({"serviceCharacteristic": [{"name": "a", "value": 1}, {"name": "x,y", "value": 2}]})",
       R"({"serviceCharacteristic": [{"name": "a", "value": 1}]})",
       R"({"absent": ["serviceCharacteristic[\"x,y\"]"]})"},
      {R"({"serviceCharacteristic": [{"name": "a", "value": {"x": 1, "y": 2}}]})",
       R"({"serviceCharacteristic": [{"name": "a", "value": {"x": 2}}]})",
       R"({"set": {"serviceCharacteristic": [{"name": "a", "value": {"x": 2}}]}})"},
      {R"({"resourceRelationship": [{"relationshipType": "uses", "resource": {"id": "1"}}]})",
       R"({"resourceRelationship": [{"relationshipType": "uses", "resource": {"id": "2"}}]})",
       R"({"set": {"resourceRelationship": [{"relationshipType": "uses", "resource": {"id": "2"}}]},
           "absent": ["resourceRelationship[uses,1]"]})"},
      // Items with the same key cannot be told apart: they go by where they stand.
      {R"({"serviceCharacteristic": [{"name": "a", "value": 1}, {"name": "a", "value": 2}]})",
       R"({"serviceCharacteristic": [{"name": "a", "value": 1}]})",
       R"({"absent": ["/serviceCharacteristic/1"]})"},
      {R"({"relatedParty": [{"role": "C", "partyOrPartyRole": {"id": "1"}}, {"role": "C", "partyOrPartyRole": {"id": "2"}}]})",
       R"({"relatedParty": [{"role": "C", "partyOrPartyRole": {"id": "2"}}, {"role": "C", "partyOrPartyRole": {"id": "3"}}]})",
       R"({"set": {"relatedParty": [{"role": "C", "partyOrPartyRole": {"id": "2"}}, {"role": "C", "partyOrPartyRole": {"id": "3"}}]},
           "absent": ["/relatedParty/0"]})"},
      {R"({"note": [{"id": "1", "text": "x"}, {"text": "y"}]})",
       R"({"note": [{"id": "1", "text": "x"}]})", R"({"absent": ["/note/1"]})"},
      {R"({"note": [{"id": "1", "text": "x"}, {"text": "y"}]})", R"({"note": []})",
       R"({"absent": ["/note/1", "/note/0"]})"},
      {R"({"feature": [{"name": "f", "featureCharacteristic": [{"value": 1}, {"value": 2}]}, {"name": "g"}]})",
       R"({"feature": [{"name": "f", "featureCharacteristic": [{"value": 2}]}]})",
       R"({"absent": ["/feature/0/featureCharacteristic/0", "feature[g]"]})"},
      {R"({"relatedParty": [{"role": "C", "partyOrPartyRole": {"id": "1"}}]})",
       R"({"relatedParty": []})", R"({"absent": ["relatedParty[C]"]})"},
      {R"({"relatedParty": [{"role": "C", "partyOrPartyRole": {"id": "1"}}]})", R"({})",
       R"({"absent": ["relatedParty[C]"]})"},
      // One that comes to bear the id of another would be taken for that.
      {R"({"feature": [{"name": "a", "id": "1"}, {"name": "b"}]})",
       R"({"feature": [{"name": "a", "id": "1"}, {"name": "b", "id": "1"}]})",
       R"({"set": {"feature": [{"name": "a", "id": "1"}, {"name": "b", "id": "1"}]}, "absent": ["/feature/1", "/feature/0"]})"},
      // No address names what is in a reference: it is there anew.
      {R"({"relatedParty": [{"role": "C", "partyOrPartyRole": {"id": "1", "name": "n"}}]})",
       R"({"relatedParty": [{"role": "C", "partyOrPartyRole": {"id": "1"}}]})",
       R"({"set": {"relatedParty": [{"role": "C", "partyOrPartyRole": {"id": "1"}}]}, "absent": ["relatedParty[C]"]})"},
      {R"({"serviceSpecification": {"id": "s", "version": "1"}})",
       R"({"serviceSpecification": {"id": "s"}})",
       R"({"set": {"serviceSpecification": {"id": "s"}}, "absent": ["serviceSpecification"]})"},
      // Nor what is in a value.
      {R"({"serviceCharacteristic": [{"name": "o", "value": {"a": 1, "b": 2}}]})",
       R"({"serviceCharacteristic": [{"name": "o", "value": {"b": 2}}]})",
       R"({"set": {"serviceCharacteristic": [{"name": "o", "value": {"b": 2}}]}})"},
      {R"({"ext": {"deep": {"a": 1, "b": [1]}}})", R"({"ext": {"deep": {"b": [1]}}})",
       R"({"set": {"ext": {"deep": {"b": [1]}}}})"},
      {R"({"a.b": 1, "a[b]": 2, "": 3, "c": [4]})", R"({"c": []})",
       R"({"set": {"a.b": null, "a[b]": null, "": null}, "absent": ["c"]})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.before);
    CHECK(json::to_text(change(row.before, row.after)) == json::to_text(read(row.change)));
  }
}

TEST_CASE("what a change says, seen of an instance, makes it what its patch makes it") {
  CHECK(rc::check("change", [](const std::vector<std::uint32_t>& supply) {
    Maker maker(supply);
    const auto record =
        testing::record_of_document(maker.document(), model::Api::service, model::Version::v5);
    const Value before = shown(*record);
    const Value after =
        maker.mixed(before, shown(*testing::record_of_document(
                                maker.document(), model::Api::service, model::Version::v5)));
    const Value operations = json::difference(before, after);
    const auto patched = tmf::patch(*record, operations, tmf::PatchKind::json_patch,
                                    model::Api::service, model::Version::v5, testing::links());
    if (!patched)
      RC_FAIL(patched.error().text());
    const Value made = *patched ? shown(*testing::packed(**patched)) : before;
    const Value change = change_between(before, after, model::inventory_model().document_shapes());
    const Value found = seen(*record, change);
    if (json::to_text(unordered(found)) != json::to_text(unordered(made)))
      RC_FAIL("before " + json::to_text(before) + "\nafter  " + json::to_text(after) + "\npatch  " +
              json::to_text(made) + "\nfound  " + json::to_text(found) + "\nby " +
              json::to_text(change));
  }));
}

} // namespace diffo::loop
