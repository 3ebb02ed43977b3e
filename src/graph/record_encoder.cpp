#include "graph/packed.h"
#include "graph/record_layout.h"

#include <algorithm>
#include <span>
#include <string>

namespace diffo::graph {

using namespace layout;

namespace {

/// What is appended between its making and end() becomes a block: its length goes before it.
class BlockWriter {
public:
  explicit BlockWriter(std::string& out) : out_(out), begin_(out.size() + 1) { out_ += '\0'; }
  void end() {
    const std::size_t size = out_.size() - begin_;
    if (size < 0x80) {
      out_[begin_ - 1] = static_cast<char>(size);
      return;
    }
    std::string length;
    append_varint(length, size);
    out_.replace(begin_ - 1, 1, length);
  }

private:
  std::string& out_;
  std::size_t begin_;
};

std::uint8_t flags_of(const Element& element) {
  const unsigned flags = (element.uuid ? has_uuid : 0U) | (element.target ? has_edge_target : 0U) |
                         (element.newer_form ? in_newer_form : 0U) |
                         (element.verbatim ? verbatim_value : 0U) |
                         (element.fields.empty() ? 0U : has_fields) |
                         (element.extra.empty() ? 0U : has_extra_members) |
                         (element.children.empty() ? 0U : has_child_elements) |
                         (element.blocks.empty() ? 0U : has_blocks);
  return static_cast<std::uint8_t>(flags);
}

class Encoder {
public:
  Encoder(const Dictionary& dictionary, std::uint32_t next_part)
      : next_part_(next_part), dictionary_(dictionary) {}

  void append(std::string& out, const Element& element, bool is_root, int depth) {
    DIFFO_ASSERT(depth <= max_element_depth);
    const std::uint8_t flags = flags_of(element);
    out += static_cast<char>(element.kind);
    out += static_cast<char>(flags);
    std::uint32_t part = element.part;
    if (!is_root && part == 0)
      part = next_part_++;
    append_varint(out, part);
    if (element.uuid)
      out.append(reinterpret_cast<const char*>(element.uuid->data()), element.uuid->size());
    if (element.target) {
      out += static_cast<char>(element.target->family);
      append_text(out, element.target->id, dictionary_);
    }
    if (element.verbatim)
      append_value(out, *element.verbatim, dictionary_);
    append_members(out, element);
    append_children(out, element, depth);
    append_optional(out, element);
  }

  [[nodiscard]] std::uint32_t next_part() const { return next_part_; }

private:
  void append_children(std::string& out, const Element& element, int depth) {
    if (element.children.empty())
      return;
    BlockWriter children(out);
    for (const Element& child : element.children) {
      BlockWriter bytes(out);
      append(out, child, false, depth + 1);
      bytes.end();
    }
    children.end();
  }

  static void append_optional(std::string& out, const Element& element) {
    if (element.blocks.empty())
      return;
    BlockWriter all(out);
    for (const Block& block : element.blocks) {
      append_varint(out, block.number);
      append_varint(out, block.bytes.size());
      out += block.bytes;
    }
    all.end();
  }

  void append_members(std::string& out, const Element& element) {
    if (!element.fields.empty()) {
      BlockWriter block(out);
      for (const auto& [word, value] : element.fields) {
        append_varint(out, word);
        append_value(out, value, dictionary_);
      }
      block.end();
    }
    if (!element.extra.empty()) {
      BlockWriter block(out);
      for (const auto& [name, value] : element.extra) {
        append_name(out, name, dictionary_);
        append_value(out, value, dictionary_);
      }
      block.end();
    }
  }

  std::uint32_t next_part_;
  const Dictionary& dictionary_;
};

} // namespace

RecordRef encode(const RecordDraft& draft, const Dictionary& dictionary) {
  std::string body;
  body.reserve(1024);
  Encoder encoder(dictionary, draft.next_part);
  static const Dictionary no_words{std::span<const std::string_view>()};
  append_text(body, draft.key.id, no_words);
  encoder.append(body, draft.root, true, 0);
  DIFFO_ASSERT(body.size() + head_bytes <= max_record_bytes);

  Record* record = Record::allocate(head_bytes + body.size());
  char* out = record->data();
  out[0] = static_cast<char>(format_version);
  out[1] = static_cast<char>(draft.key.family);
  out[2] = static_cast<char>(draft.which == Which::expected ? flag_expected : 0);
  out[3] = 0;
  put(out + 4, draft.key.tenant);
  put(out + 8, draft.sequence);
  put(out + 16, draft.created_at);
  put(out + 24, draft.updated_at);
  put(out + 32, encoder.next_part());
  std::copy(body.begin(), body.end(), out + head_bytes);
  record->note_body_checksum();
  return RecordRef::adopt(record);
}

} // namespace diffo::graph
