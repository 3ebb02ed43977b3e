#include "server/observations/written_records.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace diffo::server {
namespace {

using Add = std::function<void(std::string_view)>;

class Texts final : public graph::ValueSink, public graph::IndexSink {
public:
  explicit Texts(Add add) : add_(std::move(add)) {}
  bool take_text(std::string_view text) override {
    add_(text);
    return true;
  }
  bool take_moment(std::int64_t) override { return true; }
  bool take_other(const json::Value&) override { return true; }
  void add(std::string_view key) override { add_(key); }

private:
  Add add_;
};

std::string name_of(const graph::Filter& demanded) {
  if (demanded.kind == graph::Filter::Kind::in_index)
    return "index " + demanded.name;
  std::string name = demanded.path.member;
  for (const auto& part : demanded.path.parts)
    for (const graph::ElementKind kind : part)
      name += '/' + std::to_string(kind);
  return name;
}

std::string text_of(const graph::Filter& demanded) {
  if (demanded.kind == graph::Filter::Kind::in_index)
    return graph::key_of(demanded).value_or(std::string());
  return demanded.any_of.front().string();
}

} // namespace

void WrittenRecords::clear() {
  records_.clear();
  probes_.clear();
}

void WrittenRecords::put(const graph::Key& key, graph::RecordRef record) {
  for (auto& [name, probe] : probes_)
    if (record)
      note(probe, *record);
  records_.insert_or_assign(key, std::move(record));
}

graph::RecordRef WrittenRecords::find(const graph::KeyView& key) const {
  const auto found = records_.find(graph::Key(key));
  return found != records_.end() ? found->second : graph::RecordRef();
}

std::vector<graph::Key> WrittenRecords::meeting(const graph::Filter& filter,
                                                const graph::CompiledFilter& compiled,
                                                const graph::Schema& schema) {
  std::vector<graph::Key> keys;
  if (records_.empty())
    return keys;
  const graph::Filter& demanded = *graph::conjuncts(filter).front();
  const Probe& probe = probe_for(demanded, schema);
  const auto found = probe.by_text.find(text_of(demanded));
  if (found == probe.by_text.end())
    return keys;
  for (const graph::Key& key : found->second)
    if (const graph::RecordRef record = find(key); record && compiled.holds(*record))
      keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

WrittenRecords::Probe& WrittenRecords::probe_for(const graph::Filter& demanded,
                                                 const graph::Schema& schema) {
  schema_ = &schema;
  const auto [known, fresh] = probes_.try_emplace(name_of(demanded));
  Probe& probe = known->second;
  if (!fresh)
    return probe;
  if (demanded.kind == graph::Filter::Kind::in_index)
    probe.index = schema.index(demanded.name);
  else
    probe.reader.emplace(demanded.path, schema.dictionary());
  for (const auto& [key, record] : records_)
    if (record)
      note(probe, *record);
  return probe;
}

void WrittenRecords::note(Probe& probe, const graph::Record& record) const {
  Texts texts([&](std::string_view text) {
    std::vector<graph::Key>& keys = probe.by_text[std::string(text)];
    if (keys.empty() || keys.back() != record.key())
      keys.push_back(record.key());
  });
  const graph::Dictionary& dictionary = schema_->dictionary();
  if (probe.reader) {
    probe.reader->read(record, record.root(dictionary), texts);
    return;
  }
  const auto& families = probe.index->families;
  if (std::find(families.begin(), families.end(), record.family()) != families.end())
    probe.index->keys(record, dictionary, texts);
}

} // namespace diffo::server
