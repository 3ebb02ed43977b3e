// wire.md §3: a first-level value off its enumeration is refused, whoever publishes the attribute.
#include "base/text.h"
#include "model/model.h"
#include "model/split.h"
#include "testing/test_documents.h"
#include "tmf/import_line.h"
#include "tmf/patch.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::tmf;
using namespace diffo::testing;

namespace {

json::Value minimal(model::Api api, model::Version version, const model::Attribute& row) {
  json::Object document{{"id", "x"}, {"name", "n"}};
  if (api == model::Api::service) {
    document.set("state", "active");
    document.set("serviceSpecification",
                 json::Object{{"id", "s"}, {"@type", "ServiceSpecificationRef"}});
  }
  if (version == model::Version::v5 || !row.only_class.empty())
    document.set("@type",
                 row.only_class.empty() ? model::inventory_model().class_of(api) : row.only_class);
  return document;
}

json::Value value_of(const model::Attribute& row, std::string_view word) {
  const bool several = row.v4 == model::Form::texts || row.v5 == model::Form::texts;
  return several ? json::Value(json::Array{json::Value(word)}) : json::Value(word);
}

json::Value with(json::Value document, const model::Attribute& row, json::Value value) {
  document.object().set(row.name, std::move(value));
  return document;
}

bool is_about(const Error& error, const model::Attribute& row) {
  return error.code == ErrorCode::invalid && error.path.starts_with('/' + std::string(row.name));
}

template <typename Visit> void for_each_enumerated(Visit visit) {
  for (const model::Api api : {model::Api::service, model::Api::resource})
    for (const model::Version version : {model::Version::v4, model::Version::v5})
      for (const model::Attribute& row :
           model::inventory_model().attributes_of(model::root_of(api)))
        if (row.is_enumerated()) {
          CAPTURE(row.name);
          CAPTURE(static_cast<int>(version));
          visit(api, version, row);
        }
}

} // namespace

TEST_CASE("what is no word of an enumeration is refused in POST, PATCH and import") {
  for_each_enumerated([](model::Api api, model::Version version, const model::Attribute& row) {
    for (const json::Value& off : {value_of(row, "dancing"), value_of(row, ""), json::Value(7),
                                   json::Value(json::Object{{"a", 1}})}) {
      const json::Value document = with(minimal(api, version, row), row, off);
      const auto created = decode(document, api, version, inventory(), context());
      REQUIRE_FALSE(created.has_value());
      CHECK(is_about(created.error(), row));

      const auto record = record_of_document(minimal(api, version, row), api, version);
      const auto patched = patch(*record, json::Object{{std::string(row.name), off}},
                                 PatchKind::merge, api, version, links());
      REQUIRE_FALSE(patched.has_value());
      CHECK(is_about(patched.error(), row));

      CHECK_FALSE(decode_import_line(document, api, inventory(), context()).has_value());
      json::Value exported = export_document(*record, inventory());
      exported.object().set(row.name, off);
      const auto imported = decode_import_line(exported, api, inventory(), context());
      REQUIRE_FALSE(imported.has_value());
      CHECK(is_about(imported.error(), row));
    }
  });
}

TEST_CASE("every word of an enumeration is taken and comes back in both versions") {
  for_each_enumerated([](model::Api api, model::Version version, const model::Attribute& row) {
    const std::string words = row.words_in(version);
    REQUIRE_FALSE(words.empty());
    for (const std::string_view word : model::split(words, ' ')) {
      CAPTURE(word);
      const json::Value document = with(minimal(api, version, row), row, value_of(row, word));
      const auto record = record_of_document(document, api, version);
      CHECK(*shown(*record, version).find(row.name) == value_of(row, word));
      for (const model::Version other : {model::Version::v4, model::Version::v5}) {
        const json::Value there = shown(*record, other);
        REQUIRE(there.find(row.name) != nullptr);
        const auto idle = patch(*record, there, PatchKind::merge, api, other, links());
        REQUIRE(idle.has_value());
        CHECK_FALSE(idle->has_value());
      }
      const auto again = decode_import_line(export_document(*record, inventory()), std::nullopt,
                                            inventory(), context());
      REQUIRE(again.has_value());
      CHECK(same_content(*record, *packed(*again), inventory()));
    }
  });
}
