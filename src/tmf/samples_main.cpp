// diffo_tmf_samples DIR [OUT]: reads every JSON document of a folder of published samples (version
// and API from its path), checks that it comes back field for field, that a patch with what was
// read changes nothing, and that an export brings it back; writes what both versions show to OUT.

#include "testing/test_documents.h"
#include "tmf/import_line.h"
#include "tmf/patch.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

using namespace diffo;
using namespace diffo::tmf;

int failures = 0;
int documents = 0;

void fail(const std::string& where, const std::string& what) {
  ++failures;
  std::printf("%s: %s\n", where.c_str(), what.c_str());
}

void write_file(const std::string& folder, const std::string& name, const json::Value& value) {
  if (folder.empty())
    return;
  std::ofstream(std::filesystem::path(folder) / name) << json::to_pretty_text(value) << '\n';
}

void check_patches(const std::string& where, const graph::Record& record, model::Api api) {
  for (const model::Version version : {model::Version::v4, model::Version::v5}) {
    const auto result = patch(record, testing::shown(record, version), PatchKind::merge, api,
                              version, testing::links());
    if (!result)
      fail(where, "patch with what was read: " + result.error().text());
    else if (*result)
      fail(where, "a patch with what was read changes something");
  }
}

void check_export(const std::string& where, const graph::Record& record) {
  const auto draft = decode_import_line(export_document(record, testing::inventory()), std::nullopt,
                                        testing::inventory(), testing::context());
  if (!draft)
    fail(where, "import of its export: " + draft.error().text());
  else if (!same_content(record, *testing::packed(*draft), testing::inventory()))
    fail(where, "an export and import changes it: " +
                    json::to_text(export_document(record, testing::inventory())));
}

void check(const std::string& where, const std::string& file, json::Value document, model::Api api,
           model::Version version, const std::string& out) {
  if (document.text_of("administrativeState") == "unlock")
    document.object().set("administrativeState", "unlocked");
  const auto draft = decode(document, api, version, testing::inventory(), testing::context());
  if (!draft) {
    fail(where, draft.error().text());
    return;
  }
  ++documents;
  const graph::RecordRef record = testing::packed(*draft);
  const json::Value same = testing::shown(*record, version);
  if (!testing::same_text(testing::comparable(same, document),
                          testing::comparable(document, document)))
    fail(where, "differs:\n" + json::to_text(testing::comparable(document, document)) + "\n" +
                    json::to_text(testing::comparable(same, document)));
  check_patches(where, *record, api);
  check_export(where, *record);
  const std::string name = api == model::Api::service ? "service" : "resource";
  for (const model::Version shown : {model::Version::v4, model::Version::v5})
    write_file(out,
               std::string(name).append(shown == model::Version::v4 ? "-v4-" : "-v5-").append(file),
               testing::shown(*record, shown));
}

void check_file(const std::filesystem::path& path, const std::string& out) {
  const std::string where = path.string();
  const bool service = where.find("638") != std::string::npos;
  if (!service && where.find("639") == std::string::npos)
    return;
  const model::Version version =
      where.find("v5") != std::string::npos ? model::Version::v5 : model::Version::v4;
  std::ifstream stream(path);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  const auto document = json::read(text);
  if (!document) {
    std::printf("%s: skipped, not JSON\n", where.c_str());
    return;
  }
  const model::Api api = service ? model::Api::service : model::Api::resource;
  const json::Array items = document->is_array()
                                ? document->array()
                                : json::Array{document->is_object() ? *document : json::Value()};
  int index = 0;
  for (const json::Value& item : items) {
    const bool whole = service ? item.find("serviceSpecification") != nullptr
                               : item.find("name") != nullptr && item.find("eventId") == nullptr;
    if (whole)
      check(where,
            (version == model::Version::v4 ? "4" : "5") + std::to_string(index) +
                path.filename().string(),
            item, api, version, out);
    ++index;
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: diffo_tmf_samples DIR [OUT]\n", stderr);
    return 2;
  }
  const std::string out = argc > 2 ? argv[2] : "";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1]))
    if (entry.path().extension() == ".json")
      check_file(entry.path(), out);
  std::printf("%d documents, %d failures\n", documents, failures);
  return failures == 0 ? 0 : 1;
}
