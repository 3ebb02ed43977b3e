#pragma once

#include "base/file.h"
#include "base/time.h"
#include "store/embedded_store.h"
#include "testing/store_schema.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
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

/// Copies the folder of an open store to `to`, which is not there yet: what a killed process would
/// leave. The engine still removes files of its own behind the last commit, so a copy counts only
/// when the folder was the same before and after it.
inline void copy_as_killed(const std::filesystem::path& from, const std::filesystem::path& to) {
  namespace fs = std::filesystem;
  const auto listed = [&from] {
    std::map<fs::path, std::pair<std::uintmax_t, fs::file_time_type>> files;
    for (const auto& entry : fs::recursive_directory_iterator(from))
      if (entry.is_regular_file())
        files.emplace(entry.path(), std::pair(entry.file_size(), entry.last_write_time()));
    return files;
  };
  std::string in_the_way;
  for (int attempt = 0; attempt < 1'000; ++attempt) {
    try {
      const auto before = listed();
      fs::copy(from, to, fs::copy_options::recursive);
      if (listed() == before)
        return;
    } catch (const fs::filesystem_error& gone) {
      in_the_way = gone.what(); // a file went away between being listed and being read
    }
    fs::remove_all(to);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  FAIL("the folder of an open store did not come to rest: " << in_the_way);
}

} // namespace diffo::store::test
