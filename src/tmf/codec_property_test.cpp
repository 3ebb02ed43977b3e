#include "model/model.h"
#include "testing/document_maker.h"
#include "testing/test_documents.h"
#include "tmf/check.h"
#include "tmf/import_line.h"
#include "tmf/patch.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace diffo;
using namespace diffo::tmf;
using namespace diffo::testing;

namespace {

constexpr model::Version both_versions[] = {model::Version::v4, model::Version::v5};
constexpr model::Api both_apis[] = {model::Api::service, model::Api::resource};

template <typename Property> bool holds(const char* name, Property property) {
  return rc::check(name, [&](std::vector<std::uint32_t> supply) {
    for (const model::Api api : both_apis)
      for (const model::Version version : both_versions)
        property(DocumentMaker(supply, api, version).document(), api, version);
  });
}

} // namespace

TEST_CASE("any document comes back field for field, in packed form too") {
  CHECK(holds(
      "same version", [](const json::Value& document, model::Api api, model::Version version) {
        const auto record = record_of_document(document, api, version);
        const json::Value back = comparable(shown(*record, version), document);
        if (!same_text(back, comparable(document, document)))
          RC_FAIL(json::to_text(document) + "\n" + json::to_text(back));
        const auto loaded = graph::load(record->bytes(), model::inventory_schema().dictionary());
        RC_ASSERT(loaded.has_value());
        RC_ASSERT(same_content(*record, **loaded, inventory()));
      }));
}

TEST_CASE("writing back what either version shows changes nothing") {
  CHECK(
      holds("idle patch", [](const json::Value& document, model::Api api, model::Version version) {
        const auto record = record_of_document(document, api, version);
        for (const model::Version other : both_versions) {
          const auto result =
              patch(*record, shown(*record, other), PatchKind::merge, api, other, links());
          if (!result || *result)
            RC_FAIL(json::to_text(document) + "\n" + json::to_text(shown(*record, other)) +
                    (result ? "" : result.error().text()));
        }
      }));
}

TEST_CASE("an import of an export is the same record") {
  CHECK(holds("export", [](const json::Value& document, model::Api api, model::Version version) {
    const auto record = record_of_document(document, api, version);
    const auto draft =
        decode_import_line(export_document(*record, inventory()), api, inventory(), context());
    if (!draft)
      RC_FAIL(json::to_text(document) + "\n" + draft.error().text());
    if (!same_content(*record, *packed(*draft), inventory()))
      RC_FAIL(json::to_text(document) + "\n" +
              json::to_text(export_document(*record, inventory())));
  }));
}

TEST_CASE(
    "a patch that changes one attribute changes nothing else, whichever version it comes in") {
  CHECK(holds("one attribute",
              [](const json::Value& document, model::Api api, model::Version version) {
                const auto record = record_of_document(document, api, version);
                for (const model::Version other : both_versions) {
                  const auto result = patch(*record, json::Object{{"description", "changed"}},
                                            PatchKind::merge, api, other, links());
                  RC_ASSERT(result.has_value());
                  RC_ASSERT(result->has_value());
                  json::Value expected = shown(*record, version);
                  expected.object().set("description", "changed");
                  RC_ASSERT(same_text(shown(*packed(**result), version), expected));
                }
              }));
}

TEST_CASE("what one version shows, taken as a new document, shows the same there") {
  CHECK(
      holds("translation", [](const json::Value& document, model::Api api, model::Version version) {
        const auto record = record_of_document(document, api, version);
        for (const model::Version other : both_versions) {
          const json::Value translated = shown(*record, other);
          const auto draft = decode(translated, api, other, inventory(), context());
          if (!draft) // a document may lack what the other version demands
            continue;
          RC_ASSERT(same_text(comparable(shown(*packed(*draft), other), translated),
                              comparable(translated, translated)));
        }
      }));
}

TEST_CASE(
    "whatever was patched in whichever version: one member of a name, and an import takes it") {
  CHECK(rc::check("patched", [](std::vector<std::uint32_t> supply,
                                std::vector<std::vector<std::uint32_t>> changes) {
    for (const model::Api api : both_apis) {
      const model::Version version = both_versions[supply.size() % 2];
      auto record =
          record_of_document(DocumentMaker(supply, api, version).document(), api, version);
      for (std::size_t step = 0; step < std::min<std::size_t>(changes.size(), 4); ++step) {
        const model::Version in = both_versions[(changes[step].size() + step) % 2];
        json::Value change = DocumentMaker(changes[step], api, in).document();
        change.object().erase("id");
        change.object().erase("@type");
        change.object().erase("serviceDate");
        const auto result = patch(*record, change, PatchKind::merge, api, in, links());
        if (!result || !*result)
          continue;
        record = packed(**result); // which refuses a record that contradicts itself
        for (const model::Version shown_in : both_versions) {
          std::string text;
          emit(*record, shown_in, links(), nullptr, text);
          const auto read = json::read(text);
          if (!read || !same_text(*read, document_of(*record, shown_in, links())))
            RC_FAIL(text);
          const auto idle = patch(*record, *read, PatchKind::merge, api, shown_in, links());
          if (!idle || *idle)
            RC_FAIL(text + (idle ? "" : idle.error().text()));
        }
        const auto draft =
            decode_import_line(export_document(*record, inventory()), api, inventory(), context());
        if (!draft || !same_content(*record, *packed(*draft), inventory()))
          RC_FAIL(json::to_text(export_document(*record, inventory())) + "\n" +
                  (draft ? json::to_text(export_document(*packed(*draft), inventory()))
                         : draft.error().text()));
      }
    }
  }));
}

namespace {

/// Whether all items in homes, at any depth, have a type.
bool has_types(const json::Object& object, graph::ElementKind owner, model::Api api) {
  const graph::Dictionary& dictionary = model::inventory_schema().dictionary();
  const auto is_typed = [&](const json::Value& item, graph::ElementKind kind) {
    if (!item.is_object())
      return true;
    const json::Value* inner =
        item.find(dictionary.text(model::inventory_model().traits_of(kind, api).inner));
    return item.find("@type") != nullptr && item.find("@type")->is_string() &&
           (inner == nullptr || !inner->is_object() || !inner->text_of("@type").empty()) &&
           has_types(item.object(), kind, api);
  };
  return std::all_of(object.begin(), object.end(), [&](const json::Member& member) {
    const auto word = dictionary.find(member.name);
    const graph::ElementKind kind =
        word ? model::inventory_model().home_kind(owner, *word, api, model::Version::v5)
             : graph::ElementKind{0};
    const json::Array* items = member.value.if_array();
    if (kind == 0)
      return true;
    if (items == nullptr)
      return is_typed(member.value, kind);
    return std::all_of(items->begin(), items->end(),
                       [&](const json::Value& item) { return is_typed(item, kind); });
  });
}

} // namespace

TEST_CASE("what one version demands is there of what came in the other") {
  CHECK(holds("demanded", [](const json::Value& document, model::Api api, model::Version version) {
    const auto record = record_of_document(document, api, version);
    if (version == model::Version::v4) {
      const json::Value newer = shown(*record, model::Version::v5);
      if (!has_types(newer.object(), model::root_of(api), api))
        RC_FAIL(json::to_text(document) + "\n" + json::to_text(newer));
      return;
    }
    for (const Error& problem : problems_of(shown(*record, model::Version::v4), api,
                                            model::Version::v4, model::inventory_model()))
      RC_FAIL(json::to_text(document) + problem.text());
  }));
}
