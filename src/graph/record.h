#pragma once

#include "graph/packed.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// One root with all that belongs to it (docs/formats/record.md): the draft that rules build and
/// the immutable packed record that stores keep. `graph` knows elements, fields, parts and edges;
/// which kinds and words exist is the schema's.
namespace diffo::graph {

/// The end of an edge: a root of some family, which may or may not exist here (then it is a stub).
struct Target {
  Family family = 0;
  std::string id;
  friend bool operator==(const Target&, const Target&) = default;
};

using PartUuid = std::array<std::uint8_t, 16>;

/// An optional piece of an element, by a number that is never reused. Whoever does not know it
/// steps over it and keeps it.
struct Block {
  std::uint32_t number = 0;
  std::string bytes;
  friend bool operator==(const Block&, const Block&) = default;
};

/// One element of a draft: the root itself, a part (feature, characteristic, note …) or an edge
/// (which has a target).
struct Element {
  ElementKind kind = 0;
  /// Unique within the record and kept for the element's life; 0 until the record is encoded, and
  /// for the root.
  std::uint32_t part = 0;
  /// A foreign identity (a part that came from elsewhere). Without one, part_uuid() derives it.
  std::optional<PartUuid> uuid;
  std::optional<Target> target;
  /// The wire form the element came in; the codec above decides what the bit means.
  bool newer_form = false;
  /// Kept verbatim because it lacks what its home needs: then it has this value and nothing else.
  std::optional<json::Value> verbatim;
  std::vector<std::pair<Word, json::Value>> fields; ///< modelled, by dictionary word
  std::vector<json::Member> extra;                  ///< what the model does not know, as it came
  std::vector<Element> children;                    ///< parts and edges, in their order
  std::vector<Block> blocks;                        ///< optional pieces, see annotation.h

  [[nodiscard]] const json::Value* field(Word word) const;
  /// The text of a field, or empty.
  [[nodiscard]] std::string_view field_text(Word word) const;
  void set_field(Word word, json::Value value);
  bool erase_field(Word word);
};

/// A record being built or changed. Thread rule: one thread.
struct RecordDraft {
  Key key;
  Which which = Which::actual;
  Sequence sequence = 0;       ///< of the commit that wrote it last; set by the store
  std::int64_t created_at = 0; ///< microseconds since 1970, UTC; set by the store when 0
  std::int64_t updated_at = 0; ///< set by the store
  std::uint32_t next_part = 1; ///< the number the next new part gets
  Element root;
};

class Record;

/// A counted reference to an immutable record. Thread rule: the reference as a plain value; the
/// record any thread.
class RecordRef {
public:
  RecordRef() = default;
  RecordRef(const RecordRef& other);
  RecordRef(RecordRef&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
  RecordRef& operator=(RecordRef other) noexcept {
    std::swap(record_, other.record_);
    return *this;
  }
  ~RecordRef();
  explicit operator bool() const { return record_ != nullptr; }
  const Record& operator*() const { return *record_; }
  const Record* operator->() const { return record_; }
  [[nodiscard]] const Record* get() const { return record_; }
  friend bool operator==(const RecordRef& a, const RecordRef& b) { return a.record_ == b.record_; }

  /// Gives up the reference without releasing it, for structures that count by themselves; adopt()
  /// takes it back.
  const Record* detach() { return std::exchange(record_, nullptr); }
  static RecordRef adopt(const Record* record) {
    RecordRef ref;
    ref.record_ = record;
    return ref;
  }

private:
  const Record* record_ = nullptr;
};

class ElementView;

/// A range of the children, fields or extras of an element, read in order.
class ChildCursor {
public:
  ChildCursor(PackedReader in, const Dictionary& dictionary) : in_(in), dictionary_(&dictionary) {}
  /// False at the end.
  bool next(ElementView& child);
  /// The next child of that kind; those of others are passed over unread.
  bool next_of(ElementKind kind, ElementView& child);

private:
  PackedReader in_;
  const Dictionary* dictionary_;
};

class FieldCursor {
public:
  FieldCursor(PackedReader in, const Dictionary& dictionary) : in_(in), dictionary_(&dictionary) {}
  bool next(Word& word, ValueView& value);
  /// In place of next(), for those who emit most values: the word alone. The value must follow,
  /// with emit() or take().
  bool next_word(Word& word) {
    if (in_.at_end())
      return false;
    word = static_cast<Word>(in_.varint());
    return true;
  }
  /// Appends the JSON text of the value.
  void emit(TextBuilder& json) { emit_value(in_, *dictionary_, json); }
  /// The value.
  ValueView take() { return {in_, *dictionary_}; }

private:
  PackedReader in_;
  const Dictionary* dictionary_;
};

class ExtraCursor {
public:
  ExtraCursor(PackedReader in, const Dictionary& dictionary) : in_(in), dictionary_(&dictionary) {}
  bool next(Name& name, ValueView& value);

private:
  PackedReader in_;
  const Dictionary* dictionary_;
};

class BlockCursor {
public:
  explicit BlockCursor(PackedReader in) : in_(in) {}
  bool next(std::uint32_t& number, std::string_view& bytes);

private:
  PackedReader in_;
};

/// One element of a packed record, borrowed from it. Thread rule: immutable.
class ElementView {
public:
  ElementView() = default;
  ElementView(std::string_view bytes, const Dictionary& dictionary);

  [[nodiscard]] ElementKind kind() const { return kind_; }
  [[nodiscard]] std::uint32_t part() const { return part_; }
  [[nodiscard]] bool newer_form() const;
  [[nodiscard]] bool is_verbatim() const;
  [[nodiscard]] ValueView verbatim() const;
  [[nodiscard]] std::optional<PartUuid> uuid() const;
  [[nodiscard]] bool has_target() const;
  [[nodiscard]] Family target_family() const { return target_family_; }
  /// The packed text of the target's id; its text() is the id.
  [[nodiscard]] ValueView target_id() const { return target_id_; }
  [[nodiscard]] FieldCursor fields() const { return {PackedReader(fields_), *dictionary_}; }
  [[nodiscard]] ExtraCursor extra() const { return {PackedReader(extra_), *dictionary_}; }
  [[nodiscard]] ChildCursor children() const { return {PackedReader(children_), *dictionary_}; }
  [[nodiscard]] BlockCursor blocks() const { return BlockCursor(PackedReader(blocks_)); }
  /// The bytes of the block of that number; empty when there is none.
  [[nodiscard]] std::string_view block(std::uint32_t number) const;
  [[nodiscard]] bool has_extra() const { return !extra_.empty(); }
  [[nodiscard]] bool has_children() const { return !children_.empty(); }
  /// The field's value, or a view of nothing.
  [[nodiscard]] ValueView field(Word word) const;
  [[nodiscard]] ValueView extra(std::string_view name) const;
  [[nodiscard]] const Dictionary& dictionary() const { return *dictionary_; }
  [[nodiscard]] Element to_draft() const;
  /// Appends all that the element has, so that equal elements give equal bytes and others do not.
  void append_content(std::string& bytes) const;

private:
  const Dictionary* dictionary_ = nullptr;
  ElementKind kind_ = 0;
  std::uint8_t flags_ = 0;
  Family target_family_ = 0;
  std::uint32_t part_ = 0;
  std::string_view uuid_;
  ValueView target_id_;
  std::string_view fields_, extra_, children_, blocks_;
};

/// What begins a record: all that a commit stamps stands in these bytes. What follows is the body.
inline constexpr std::size_t record_head_bytes = 36;

/// An immutable packed record: the bytes that are stored are the bytes in memory. Made by encode()
/// or load().
class Record {
public:
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  [[nodiscard]] Tenant tenant() const;
  [[nodiscard]] Family family() const;
  [[nodiscard]] Which which() const;
  [[nodiscard]] Sequence sequence() const;
  [[nodiscard]] std::int64_t created_at() const;
  [[nodiscard]] std::int64_t updated_at() const;
  [[nodiscard]] std::uint32_t next_part() const;
  [[nodiscard]] std::string id() const;
  [[nodiscard]] ValueView packed_id(const Dictionary& dictionary) const;
  [[nodiscard]] Key key() const { return {tenant(), family(), id()}; }
  [[nodiscard]] ElementView root(const Dictionary& dictionary) const;
  /// The stored bytes, without checksum.
  [[nodiscard]] std::string_view bytes() const { return {data(), size_}; }
  /// CRC-32C of the body, known without reading it: with it the checksum of the whole costs the
  /// same for all records.
  [[nodiscard]] std::uint32_t body_checksum() const { return body_checksum_; }
  /// What the record occupies in memory.
  [[nodiscard]] std::size_t memory_bytes() const { return sizeof(Record) + size_; }
  [[nodiscard]] RecordDraft to_draft(const Dictionary& dictionary) const;
  /// The uuid of a part: its foreign one, else one derived from the record's identity, creation
  /// time and part number.
  [[nodiscard]] PartUuid part_uuid(const ElementView& part) const;

private:
  friend class RecordRef;
  friend RecordRef encode(const RecordDraft& draft, const Dictionary& dictionary);
  friend RecordRef copy(const Record& record);
  friend bool is_unshared(const RecordRef& record);
  friend Result<RecordRef> load(std::string_view bytes, const Dictionary& dictionary);
  friend void stamp(RecordRef& fresh, Sequence sequence, std::int64_t created_at,
                    std::int64_t updated_at);
  explicit Record(std::size_t size) : size_(static_cast<std::uint32_t>(size)) {}
  static Record* allocate(std::size_t size);
  static void destroy(const Record* record);
  [[nodiscard]] const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  [[nodiscard]] char* data() { return reinterpret_cast<char*>(this + 1); }

  void note_body_checksum();

  mutable std::atomic<std::uint32_t> references_{1};
  std::uint32_t size_;
  std::uint32_t body_checksum_ = 0;
};

/// The largest record that is stored; a larger draft is refused before it is encoded (the codec
/// checks).
inline constexpr std::size_t max_record_bytes = std::size_t{64} << 20;

/// Packs a draft. Parts without a number get the next ones. Elements are at most 16 deep.
RecordRef encode(const RecordDraft& draft, const Dictionary& dictionary);

/// Takes stored bytes, checking every length and tag so that views can trust them. Errors: corrupt.
Result<RecordRef> load(std::string_view bytes, const Dictionary& dictionary);

/// A record with the same content that nobody else holds, so that a commit may stamp it.
RecordRef copy(const Record& record);
/// Whether nobody else holds it.
bool is_unshared(const RecordRef& record);

/// The uuid of a part that brought none: RFC 9562 §5.8 (version 8) over the root's key, its time of
/// creation and the part's number. It stays the same as long as the root lives, and tells a part
/// that came from elsewhere (another uuid) from one of ours when a graph database is read back.
PartUuid part_uuid(const KeyView& root, std::int64_t created_at, std::uint32_t part);

/// Sets what a commit decides. A record that others hold too is replaced by a stamped copy.
void stamp(RecordRef& fresh, Sequence sequence, std::int64_t created_at, std::int64_t updated_at);

} // namespace diffo::graph
