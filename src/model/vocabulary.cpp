#include "model/vocabulary.h"

#include <algorithm>
#include <span>

namespace diffo::model {
namespace {

struct Row {
  std::string_view internal;
  std::string_view v4;
  std::string_view v5;
  [[nodiscard]] std::string_view wire(Version version) const {
    return version == Version::v4 ? v4 : v5;
  }
};

// wire.md §4. Of rows with one wire word the first is what the word means when it is written.
constexpr Row state_rows[] = {
    {"initial", "designed", "designed"},
    {"feasibilityChecked", "feasibilityChecked", "feasibilityChecked"},
    {"reserved", "reserved", "reserved"},
    {"inactive", "inactive", "inactive"},
    {"active", "active", "active"},
    {"terminated", "terminated", "terminated"},
    {"suspended", "inactive", "suspended"},
    {"cancelled", "terminated", "terminated"},
};
// v4 knows no operatingStatus: there it is an extension under its own name, in internal words.
constexpr Row operating_status_rows[] = {
    {"pending", "pending", "pending"},    {"configured", "configured", "configured"},
    {"starting", "starting", "starting"}, {"running", "running", "running"},
    {"degraded", "degraded", "degraded"}, {"failed", "failed", "failed"},
    {"limited", "limited", "limited"},    {"stopping", "stopping", "stopping"},
    {"stopped", "stopped", "stopped"},    {"unknown", "unknown", "unknown"},
    {"feasible", "feasible", "pending"},  {"not_feasible", "not_feasible", "unknown"},
};
constexpr Row administrative_rows[] = {
    {"locked", "locked", "locked"},
    {"unlocked", "unlocked", "unlocked"},
    {"shutdown", "shutdown", "shuttingDown"},
};
constexpr Row operational_rows[] = {
    {"enabled", "enable", "enabled"},
    {"disabled", "disable", "disabled"},
};

struct Table {
  std::string_view attribute;
  std::span<const Row> rows;
  std::string_view extension;
};
constexpr Table tables[] = {
    {"state", state_rows, "internalState"},
    {"operatingStatus", operating_status_rows, "internalOperatingStatus"},
    {"administrativeState", administrative_rows, ""},
    {"operationalState", operational_rows, ""},
};

const Table* table_of(std::string_view attribute) {
  const auto* found = std::find_if(std::begin(tables), std::end(tables), [&](const Table& table) {
    return table.attribute == attribute;
  });
  return found == std::end(tables) ? nullptr : found;
}

const Row* row_of_wire(const Table& table, std::string_view wire, Version version) {
  for (const Row& row : table.rows)
    if (row.wire(version) == wire)
      return &row;
  return nullptr;
}

const Row* row_of_internal(const Table& table, std::string_view internal) {
  for (const Row& row : table.rows)
    if (row.internal == internal)
      return &row;
  return nullptr;
}

} // namespace

bool has_vocabulary(std::string_view attribute) {
  return table_of(attribute) != nullptr;
}

std::vector<std::string_view> internal_words(std::string_view attribute) {
  std::vector<std::string_view> words;
  if (const Table* table = table_of(attribute))
    for (const Row& row : table->rows)
      words.push_back(row.internal);
  return words;
}

std::optional<std::string_view> internal_value(std::string_view attribute, std::string_view wire,
                                               Version version) {
  const Table* table = table_of(attribute);
  if (table == nullptr)
    return wire;
  if (const Row* row = row_of_wire(*table, wire, version))
    return row->internal;
  if (const Row* row = row_of_internal(*table, wire))
    return row->internal;
  return std::nullopt;
}

std::vector<std::string> internal_values(std::string_view attribute, std::string_view wire,
                                         Version version) {
  std::vector<std::string> values;
  if (const Table* table = table_of(attribute)) {
    for (const Row& row : table->rows)
      if (row.wire(version) == wire)
        values.emplace_back(row.internal);
  }
  if (values.empty())
    values.emplace_back(wire);
  return values;
}

std::string wire_words(std::string_view attribute, Version version) {
  std::string words;
  const Table* table = table_of(attribute);
  for (const Row& row : table != nullptr ? table->rows : std::span<const Row>())
    if (row_of_wire(*table, row.wire(version), version) == &row) // each once
      words += (words.empty() ? "" : " ") + std::string(row.wire(version));
  return words;
}

std::string_view wire_value(std::string_view attribute, std::string_view internal,
                            Version version) {
  const Table* table = table_of(attribute);
  const Row* row = table != nullptr ? row_of_internal(*table, internal) : nullptr;
  return row != nullptr ? row->wire(version) : internal;
}

std::string_view extension_for(std::string_view attribute, std::string_view internal,
                               Version version) {
  const Table* table = table_of(attribute);
  const Row* row = table != nullptr ? row_of_internal(*table, internal) : nullptr;
  if (row == nullptr || row_of_wire(*table, row->wire(version), version) == row)
    return {};
  return table->extension;
}

std::optional<std::string_view> extended_value(std::string_view attribute, std::string_view wire,
                                               std::string_view extension, Version version) {
  const Table* table = table_of(attribute);
  const Row* row = table != nullptr ? row_of_internal(*table, extension) : nullptr;
  if (row == nullptr || row->wire(version) != wire)
    return std::nullopt;
  return row->internal;
}

} // namespace diffo::model
