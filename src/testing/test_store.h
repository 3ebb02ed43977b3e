#pragma once

#include "base/file.h"
#include "base/time.h"
#include "store/embedded_store.h"
#include "testing/store_schema.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace diffo::store::test {

/// A folder that goes away, a clock, and the options for a store in it, which fails what reads
/// without announcing it.
struct Place {
  TemporaryDirectory directory = TemporaryDirectory::make("diffo-store").value();
  SystemClock clock;
  EmbeddedOptions options(const graph::Schema& declared = schema()) const {
    EmbeddedOptions all;
    all.folder = directory.path() / "data";
    all.schema = &declared;
    all.clock = &clock;
    all.unplanned = graph::Unplanned::fail;
    return all;
  }
  std::unique_ptr<EmbeddedStore> open(const graph::Schema& declared = schema()) const {
    auto store = EmbeddedStore::open(options(declared));
    if (!store)
      FAIL(store.error().text());
    return std::move(*store);
  }
};

inline std::vector<std::string> findings_of(const EmbeddedStore& store) {
  std::vector<std::string> all;
  const auto checked = store.check([&](const Error& finding) { all.push_back(finding.text()); });
  if (!checked)
    all.push_back(checked.error().text());
  return all;
}

inline std::vector<std::string> findings_in(const std::filesystem::path& folder) {
  std::vector<std::string> all;
  const auto checked =
      check_folder(folder, schema(), [&](const Error& finding) { all.push_back(finding.text()); });
  if (!checked)
    all.push_back(checked.error().text());
  return all;
}

} // namespace diffo::store::test
