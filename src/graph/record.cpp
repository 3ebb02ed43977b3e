#include "graph/record.h"

#include "base/checksum.h"
#include "base/sha256.h"
#include "graph/record_layout.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace diffo::graph {

using namespace layout;

namespace {

/// Walks all bytes of an element once, so that views need not check again.
bool valid_element(PackedReader& in, const Dictionary& dictionary, int depth) {
  if (depth > max_element_depth)
    return false;
  in.byte();
  const std::uint8_t flags = in.byte();
  in.varint();
  if (flags & has_uuid)
    in.bytes(16);
  if (flags & has_edge_target) {
    in.byte();
    if (!skip_value(in))
      return false;
  }
  if ((flags & verbatim_value) && !skip_value(in))
    return false;
  if (flags & has_fields)
    for (PackedReader block = in.sub(in.varint()); !block.at_end();) {
      block.varint();
      if (!skip_value(block))
        return false;
    }
  if (flags & has_extra_members)
    for (PackedReader block = in.sub(in.varint()); !block.at_end();) {
      read_name(block, dictionary);
      if (!block.ok() || !skip_value(block))
        return false;
    }
  if (flags & has_child_elements)
    for (PackedReader block = in.sub(in.varint()); !block.at_end();) {
      PackedReader child = block.sub(block.varint());
      if (!block.ok() || !valid_element(child, dictionary, depth + 1) || !child.at_end())
        return false;
    }
  if (flags & has_blocks)
    for (PackedReader all = in.sub(in.varint()); !all.at_end();) {
      all.varint();
      all.bytes(all.varint());
      if (!all.ok())
        return false;
    }
  return in.ok();
}

Error corrupt(const char* what) {
  return {ErrorCode::corrupt, std::string("the stored record ") + what};
}

} // namespace

const json::Value* Element::field(Word word) const {
  for (const auto& [name, value] : fields)
    if (name == word)
      return &value;
  return nullptr;
}

std::string_view Element::field_text(Word word) const {
  const json::Value* value = field(word);
  const std::string* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

void Element::set_field(Word word, json::Value value) {
  for (auto& [name, present] : fields)
    if (name == word) {
      present = std::move(value);
      return;
    }
  fields.emplace_back(word, std::move(value));
}

bool Element::erase_field(Word word) {
  return std::erase_if(fields, [word](const auto& field) { return field.first == word; }) > 0;
}

RecordRef::RecordRef(const RecordRef& other) : record_(other.record_) {
  if (record_ != nullptr)
    record_->references_.fetch_add(1, std::memory_order_relaxed);
}

RecordRef::~RecordRef() {
  if (record_ != nullptr && record_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
    Record::destroy(record_);
}

Record* Record::allocate(std::size_t size) {
  void* memory = ::operator new(sizeof(Record) + size);
  return new (memory) Record(size);
}

void Record::destroy(const Record* record) {
  record->~Record();
  ::operator delete(const_cast<Record*>(record));
}

void Record::note_body_checksum() {
  body_checksum_ = crc32c(bytes().substr(head_bytes));
}

Tenant Record::tenant() const {
  return get<std::uint32_t>(data() + 4);
}
Family Record::family() const {
  return static_cast<Family>(data()[1]);
}
Which Record::which() const {
  return (data()[2] & flag_expected) != 0 ? Which::expected : Which::actual;
}
Sequence Record::sequence() const {
  return get<std::uint64_t>(data() + 8);
}
std::int64_t Record::created_at() const {
  return get<std::int64_t>(data() + 16);
}
std::int64_t Record::updated_at() const {
  return get<std::int64_t>(data() + 24);
}
std::uint32_t Record::next_part() const {
  return get<std::uint32_t>(data() + 32);
}

ValueView Record::packed_id(const Dictionary& dictionary) const {
  PackedReader in(bytes().substr(head_bytes));
  return ValueView(in, dictionary);
}

std::string Record::id() const {
  // An id is never a dictionary word, so any dictionary will do.
  static const Dictionary no_words{std::span<const std::string_view>()};
  return packed_id(no_words).text();
}

ElementView Record::root(const Dictionary& dictionary) const {
  PackedReader in(bytes().substr(head_bytes));
  skip_value(in);
  return {std::string_view(reinterpret_cast<const char*>(in.position()), in.left()), dictionary};
}

RecordDraft Record::to_draft(const Dictionary& dictionary) const {
  return {.key = key(),
          .which = which(),
          .sequence = sequence(),
          .created_at = created_at(),
          .updated_at = updated_at(),
          .next_part = next_part(),
          .root = root(dictionary).to_draft()};
}

PartUuid Record::part_uuid(const ElementView& part) const {
  if (const std::optional<PartUuid> foreign = part.uuid())
    return *foreign;
  return graph::part_uuid(key(), created_at(), part.part());
}

bool ChildCursor::next(ElementView& child) {
  if (in_.at_end())
    return false;
  child = ElementView(in_.bytes(in_.varint()), *dictionary_);
  return true;
}

bool ChildCursor::next_of(ElementKind kind, ElementView& child) {
  while (!in_.at_end()) {
    const std::string_view bytes = in_.bytes(in_.varint());
    if (bytes.empty() || static_cast<ElementKind>(static_cast<std::uint8_t>(bytes[0])) != kind)
      continue;
    child = ElementView(bytes, *dictionary_);
    return true;
  }
  return false;
}

bool FieldCursor::next(Word& word, ValueView& value) {
  if (in_.at_end())
    return false;
  word = static_cast<Word>(in_.varint());
  value = ValueView(in_, *dictionary_);
  return true;
}

bool ExtraCursor::next(Name& name, ValueView& value) {
  if (in_.at_end())
    return false;
  name = read_name(in_, *dictionary_);
  value = ValueView(in_, *dictionary_);
  return true;
}

bool BlockCursor::next(std::uint32_t& number, std::string_view& bytes) {
  if (in_.at_end())
    return false;
  number = static_cast<std::uint32_t>(in_.varint());
  bytes = in_.bytes(in_.varint());
  return true;
}

std::string_view ElementView::block(std::uint32_t wanted) const {
  std::uint32_t number = 0;
  std::string_view bytes;
  for (BlockCursor cursor = blocks(); cursor.next(number, bytes);)
    if (number == wanted)
      return bytes;
  return {};
}

ElementView::ElementView(std::string_view bytes, const Dictionary& dictionary)
    : dictionary_(&dictionary) {
  PackedReader in(bytes);
  kind_ = in.byte();
  flags_ = in.byte();
  part_ = static_cast<std::uint32_t>(in.varint());
  if (flags_ & has_uuid)
    uuid_ = in.bytes(16);
  if (flags_ & has_edge_target) {
    target_family_ = in.byte();
    target_id_ = ValueView(in, dictionary);
  }
  if (flags_ & verbatim_value) {
    target_id_ = ValueView(in, dictionary); // an element is verbatim or has a target, never both
  }
  if (flags_ & has_fields)
    fields_ = in.bytes(in.varint());
  if (flags_ & has_extra_members)
    extra_ = in.bytes(in.varint());
  if (flags_ & has_child_elements)
    children_ = in.bytes(in.varint());
  if (flags_ & has_blocks)
    blocks_ = in.bytes(in.varint());
}

void ElementView::append_content(std::string& bytes) const {
  const auto append = [&bytes](std::string_view piece) {
    bytes += std::to_string(piece.size()) + ':';
    bytes += piece;
  };
  bytes += std::to_string(kind_) + ' ' + std::to_string(flags_) + ' ' + std::to_string(part_) +
           ' ' + std::to_string(target_family_) + ' ';
  append(uuid_);
  if (target_id_)
    append(json::to_text(target_id_.to_json()));
  for (const std::string_view piece : {fields_, extra_, children_, blocks_})
    append(piece);
}

bool ElementView::newer_form() const {
  return (flags_ & in_newer_form) != 0;
}
bool ElementView::is_verbatim() const {
  return (flags_ & verbatim_value) != 0;
}
bool ElementView::has_target() const {
  return (flags_ & has_edge_target) != 0;
}
ValueView ElementView::verbatim() const {
  return is_verbatim() ? target_id_ : ValueView();
}

std::optional<PartUuid> ElementView::uuid() const {
  if (uuid_.size() != 16)
    return std::nullopt;
  PartUuid uuid;
  std::copy(uuid_.begin(), uuid_.end(), reinterpret_cast<char*>(uuid.data()));
  return uuid;
}

ValueView ElementView::field(Word wanted) const {
  FieldCursor cursor = fields();
  Word word = 0;
  ValueView value;
  while (cursor.next(word, value))
    if (word == wanted)
      return value;
  return {};
}

ValueView ElementView::extra(std::string_view wanted) const {
  ExtraCursor cursor = extra();
  Name name;
  ValueView value;
  while (cursor.next(name, value))
    if (name.text == wanted)
      return value;
  return {};
}

Element ElementView::to_draft() const {
  Element element;
  element.kind = kind_;
  element.part = part_;
  element.uuid = uuid();
  element.newer_form = newer_form();
  if (is_verbatim())
    element.verbatim = target_id_.to_json();
  else if (has_target())
    element.target = Target{target_family_, target_id_.text()};
  Word word = 0;
  ValueView value;
  for (FieldCursor cursor = fields(); cursor.next(word, value);)
    element.fields.emplace_back(word, value.to_json());
  Name name;
  for (ExtraCursor cursor = extra(); cursor.next(name, value);)
    element.extra.push_back({std::string(name.text), value.to_json()});
  ElementView child;
  for (ChildCursor cursor = children(); cursor.next(child);)
    element.children.push_back(child.to_draft());
  Block block;
  std::string_view bytes;
  for (BlockCursor cursor = blocks(); cursor.next(block.number, bytes);)
    element.blocks.push_back({block.number, std::string(bytes)});
  return element;
}

Result<RecordRef> load(std::string_view bytes, const Dictionary& dictionary) {
  if (bytes.size() < head_bytes)
    return corrupt("is too short");
  if (bytes[0] != static_cast<char>(format_version))
    return Error{ErrorCode::unsupported, "the stored record has format version " +
                                             std::to_string(static_cast<unsigned char>(bytes[0])) +
                                             "; this program reads 1"};
  if (bytes.size() > max_record_bytes)
    return corrupt("is too large");
  PackedReader in(bytes.substr(head_bytes));
  if (!skip_value(in))
    return corrupt("has a damaged id");
  if (!valid_element(in, dictionary, 0) || !in.at_end())
    return corrupt("has damaged content");
  Record* record = Record::allocate(bytes.size());
  std::copy(bytes.begin(), bytes.end(), record->data());
  record->note_body_checksum();
  return RecordRef::adopt(record);
}

RecordRef copy(const Record& record) {
  Record* fresh = Record::allocate(record.size_);
  std::copy_n(record.data(), record.size_, fresh->data());
  fresh->body_checksum_ = record.body_checksum_;
  return RecordRef::adopt(fresh);
}

bool is_unshared(const RecordRef& record) {
  return record->references_.load(std::memory_order_acquire) == 1;
}

PartUuid part_uuid(const KeyView& root, std::int64_t created_at, std::uint32_t part) {
  // The id comes last, for it is the only piece without a fixed length.
  std::string name(17, '\0');
  put(name.data(), root.tenant);
  put(name.data() + 4, root.family);
  put(name.data() + 5, created_at);
  put(name.data() + 13, part);
  name += root.id;
  const Sha256 digest = sha256(name);
  PartUuid uuid;
  std::copy_n(digest.begin(), uuid.size(), uuid.begin());
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x80); // RFC 9562 §4.2: version 8
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80); // RFC 9562 §4.1: the variant
  return uuid;
}

void stamp(RecordRef& fresh, Sequence sequence, std::int64_t created_at, std::int64_t updated_at) {
  if (!is_unshared(fresh))
    fresh = copy(*fresh);
  auto* record = const_cast<Record*>(fresh.get());
  put(record->data() + 8, sequence);
  put(record->data() + 16, created_at);
  put(record->data() + 24, updated_at);
}

} // namespace diffo::graph
