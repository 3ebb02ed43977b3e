#include "loop/record_view.h"

#include "loop/evaluate.h"
#include "model/schema.h"
#include "query/attribute_access.h"
#include "tmf/emit.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace diffo::loop {
namespace {

using json::Value;

class MadeDocument final : public outstanding::DocumentView {
public:
  explicit MadeDocument(Value document) : document_(std::move(document)) {}
  [[nodiscard]] const Value* member(std::string_view name) override { return document_.find(name); }
  [[nodiscard]] const Value& whole() override { return document_; }

private:
  Value document_;
};

class RecordView final : public outstanding::DocumentView {
public:
  RecordView(graph::RecordRef record, model::Version version, const graph::Schema& schema)
      : record_(std::move(record)), version_(version), schema_(schema) {}

  [[nodiscard]] const Value* member(std::string_view name) override {
    if (whole_)
      return whole_->find(name);
    auto known = members_.find(name);
    if (known == members_.end())
      known = members_.emplace(std::string(name), rendered(name)).first;
    return known->second ? &*known->second : nullptr;
  }

  [[nodiscard]] const Value& whole() override {
    if (!whole_)
      whole_ = tmf::document_of(*record_, version_, {.schema = schema_});
    return *whole_;
  }

private:
  [[nodiscard]] std::optional<Value> rendered(std::string_view name) const {
    const model::Api api = model::api_of(*record_, schema_);
    Value shown = query::AttributeRenderer(name, api, version_, schema_)(*record_);
    Value* value = shown.object().find(name);
    return value != nullptr ? std::optional(std::move(*value)) : std::nullopt;
  }

  graph::RecordRef record_;
  model::Version version_;
  const graph::Schema& schema_; ///< of the subgraph, which outlives the view
  std::map<std::string, std::optional<Value>, std::less<>> members_;
  std::optional<Value> whole_;
};

} // namespace

Result<std::shared_ptr<outstanding::DocumentView>>
view_of(graph::RecordRef record, outstanding::Profile profile, graph::Subgraph& subgraph) {
  if (profile == outstanding::Profile::diffo)
    return std::shared_ptr<outstanding::DocumentView>(
        std::make_shared<MadeDocument>(TRY(document_of(*record, profile, subgraph))));
  return std::shared_ptr<outstanding::DocumentView>(std::make_shared<RecordView>(
      std::move(record),
      profile == outstanding::Profile::v4 ? model::Version::v4 : model::Version::v5,
      subgraph.schema()));
}

} // namespace diffo::loop
