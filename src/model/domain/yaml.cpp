#include "model/domain/yaml.h"

#include "base/text.h"
#include "base/text_hash.h"

#include <libfyaml.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace diffo::model::yaml {
namespace {

template <auto release> struct Releases {
  template <typename Held> void operator()(Held* held) const { release(held); }
};
using Diagnostics = std::unique_ptr<fy_diag, Releases<fy_diag_destroy>>;
using Parser = std::unique_ptr<fy_parser, Releases<fy_parser_destroy>>;

Mark mark_of(const fy_mark* mark) {
  if (mark == nullptr)
    return {};
  return {static_cast<std::uint32_t>(mark->line + 1), static_cast<std::uint32_t>(mark->column + 1)};
}

std::string text_of(fy_token* token) {
  std::size_t length = 0;
  const char* text = token != nullptr ? fy_token_get_text(token, &length) : nullptr;
  return text != nullptr ? std::string(text, length) : std::string();
}

std::size_t nodes_in(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items)
    count += nodes_in(item);
  for (const Entry& entry : node.entries)
    count += nodes_in(entry.value);
  return count;
}

std::size_t bytes_in(const Node& node) {
  std::size_t count = node.text.size();
  for (const Node& item : node.items)
    count += bytes_in(item);
  for (const Entry& entry : node.entries)
    count += entry.key.size() + bytes_in(entry.value);
  return count;
}

std::size_t height_of(const Node& node) {
  std::size_t highest = 0;
  for (const Node& item : node.items)
    highest = std::max(highest, height_of(item) + 1);
  for (const Entry& entry : node.entries)
    highest = std::max(highest, height_of(entry.value) + 1);
  return highest;
}

/// What an anchor names, with what a copy of it costs.
struct Anchored {
  Node node;
  std::size_t nodes = 1;
  std::size_t bytes = 0;
  std::size_t height = 0;
};

/// Makes trees of the events of the parser, which it asks for one after the other: so it can stop
/// at the first bound that is crossed.
class Builder {
public:
  Builder(const Limits& limits, Documents& out) : limits_(limits), out_(out) {}

  /// Whether to go on.
  bool take(fy_event& event) {
    switch (event.type) {
    case FYET_DOCUMENT_START:
      anchors_.clear();
      return true;
    case FYET_SCALAR:
      return scalar(event);
    case FYET_ALIAS:
      return alias(event);
    case FYET_SEQUENCE_START:
      return open(event, NodeKind::sequence, event.sequence_start.tag, event.sequence_start.anchor);
    case FYET_MAPPING_START:
      return open(event, NodeKind::map, event.mapping_start.tag, event.mapping_start.anchor);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
      return close();
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
      return true;
    }
    return true;
  }

private:
  /// A collection that is still open.
  struct Open {
    Node node;
    std::string anchor;
    std::optional<std::string> key; ///< of a map: read, its value is to come
    Mark key_at{};
    TextSet keys;
  };

  bool fail(Mark at, std::string message) {
    out_.problems.push_back({at, std::move(message)});
    return false;
  }

  bool spend(Mark at, std::size_t nodes, std::size_t bytes) {
    nodes_ += nodes;
    bytes_ += bytes;
    if (nodes_ > limits_.max_nodes)
      return fail(at, "has more than " + std::to_string(limits_.max_nodes) +
                          " values; what an alias stands for counts each time");
    if (bytes_ > limits_.max_text_bytes)
      return fail(at, "has more than " + std::to_string(limits_.max_text_bytes) +
                          " bytes of text; what an alias stands for counts each time");
    return true;
  }

  /// Only the tags of the core schema; nothing else may decide what a value becomes.
  bool tag_allowed(fy_token* tag, Mark at, Node& node) {
    const std::string name = text_of(tag);
    constexpr std::string_view core = "tag:yaml.org,2002:";
    if (tag == nullptr || name.empty())
      return true;
    if (name == "!") {
      node.quoted = node.kind == NodeKind::scalar;
      return true;
    }
    if (name.starts_with(core)) {
      const std::string_view type = std::string_view(name).substr(core.size());
      const bool collection = node.kind == NodeKind::map
                                  ? type == "map"
                                  : node.kind == NodeKind::sequence && type == "seq";
      const bool scalar = node.is_scalar() && (type == "str" || type == "int" || type == "float" ||
                                               type == "bool" || type == "null");
      if (scalar)
        node.quoted = type == "str";
      if (collection || scalar)
        return true;
    }
    return fail(at, "has the tag " + shortened(name, 60) + ", which is not of the core schema");
  }

  bool scalar(fy_event& event) {
    Node node;
    node.at = mark_of(fy_event_start_mark(&event));
    fy_token* value = event.scalar.value;
    node.text = text_of(value);
    const fy_scalar_style style = fy_token_scalar_style(value);
    node.quoted = style != FYSS_PLAIN;
    // The library's mark is behind the quotation mark.
    if ((style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && node.at.column > 1)
      --node.at.column;
    if (!tag_allowed(event.scalar.tag, node.at, node) || !spend(node.at, 1, node.text.size()))
      return false;
    return remember(text_of(event.scalar.anchor), node) && add(std::move(node));
  }

  bool alias(fy_event& event) {
    const std::string name = text_of(event.alias.anchor);
    const Mark at = mark_of(fy_event_start_mark(&event));
    const auto found = anchors_.find(name);
    if (found == anchors_.end())
      return fail(at, "there is no anchor " + shortened(name, 60));
    const Anchored& anchored = found->second;
    if (open_.size() + anchored.height > limits_.max_depth)
      return too_deep(at);
    if (!spend(at, anchored.nodes, anchored.bytes))
      return false;
    Node copy = anchored.node;
    copy.at = at;
    return add(std::move(copy));
  }

  bool too_deep(Mark at) {
    return fail(at, "is nested deeper than " + std::to_string(limits_.max_depth));
  }

  bool open(fy_event& event, NodeKind kind, fy_token* tag, fy_token* anchor) {
    Open next;
    next.node.kind = kind;
    next.node.at = mark_of(fy_event_start_mark(&event));
    if (open_.size() >= limits_.max_depth)
      return too_deep(next.node.at);
    if (!tag_allowed(tag, next.node.at, next.node) || !spend(next.node.at, 1, 0))
      return false;
    if (awaits_key())
      return fail(next.node.at, "a key must be a text");
    next.anchor = text_of(anchor);
    open_.push_back(std::move(next));
    return true;
  }

  bool close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    return remember(std::move(done.anchor), done.node) && add(std::move(done.node));
  }

  bool remember(std::string anchor, const Node& node) {
    if (anchor.empty())
      return true;
    Anchored kept{node, nodes_in(node), bytes_in(node), height_of(node)};
    // The copy that is kept is paid for, so that anchors within anchors stay within the bound.
    if (!spend(node.at, kept.nodes, kept.bytes))
      return false;
    anchors_.insert_or_assign(std::move(anchor), std::move(kept));
    return true;
  }

  [[nodiscard]] bool awaits_key() const {
    return !open_.empty() && open_.back().node.is_map() && !open_.back().key;
  }

  bool add(Node node) {
    if (open_.empty()) {
      out_.documents.push_back(std::move(node));
      return true;
    }
    Open& around = open_.back();
    if (around.node.is_sequence()) {
      around.node.items.push_back(std::move(node));
      return true;
    }
    if (!around.key) {
      if (!node.is_scalar())
        return fail(node.at, "a key must be a text");
      around.key_at = node.at;
      around.key = std::move(node.text);
      return true;
    }
    if (around.keys.insert(*around.key).second)
      around.node.entries.push_back({std::move(*around.key), around.key_at, std::move(node)});
    else
      fail(around.key_at, "the key " + shortened(*around.key, 60) + " is there twice");
    around.key.reset();
    return true;
  }

  const Limits& limits_;
  Documents& out_;
  std::vector<Open> open_;
  TextMap<Anchored> anchors_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

/// What the library says first of what it cannot read.
Problem first_error(fy_diag* diagnostics) {
  void* previous = nullptr;
  while (fy_diag_error* error = fy_diag_errors_iterate(diagnostics, &previous)) {
    if (error->type < FYET_ERROR)
      continue;
    return {{static_cast<std::uint32_t>(std::max(error->line, 1)),
             static_cast<std::uint32_t>(std::max(error->column, 1))},
            "is not YAML: " + shortened(error->msg != nullptr ? error->msg : "", 200)};
  }
  return {{1, 1}, "is not YAML"};
}

/// The parser looks ahead over flow collections until it knows whether they are keys, which takes
/// some 400 bytes for each of these characters.
bool looks_too_large(std::string_view text, const Limits& limits) {
  const auto marks = std::count_if(text.begin(), text.end(), [](char c) {
    return c == '[' || c == '{' || c == ',' || c == '&' || c == '!';
  });
  return static_cast<std::size_t>(marks) > 2 * limits.max_nodes;
}

bool has_forbidden_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\n' && c != '\r' && c != '\t';
  });
}

void parse(std::string_view text, const Limits& limits, Documents& out) {
  fy_diag_cfg diagnostics_config{};
  fy_diag_cfg_default(&diagnostics_config);
  diagnostics_config.level = FYET_ERROR;
  const Diagnostics diagnostics(fy_diag_create(&diagnostics_config));
  if (!diagnostics)
    return out.problems.push_back({{1, 1}, "could not be read: out of memory"});
  fy_diag_set_collect_errors(diagnostics.get(), true);
  fy_parse_cfg config{};
  config.flags =
      static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE);
  config.diag = diagnostics.get();
  const Parser parser(fy_parser_create(&config));
  if (!parser || fy_parser_set_string(parser.get(), text.data(), text.size()) != 0)
    return out.problems.push_back({{1, 1}, "could not be read"});
  Builder builder(limits, out);
  while (fy_event* event = fy_parser_parse(parser.get())) {
    const bool more = builder.take(*event);
    fy_parser_event_free(parser.get(), event);
    if (!more)
      return;
  }
  if (fy_parser_get_stream_error(parser.get()))
    out.problems.push_back(first_error(diagnostics.get()));
}

} // namespace

const Node* Node::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [key](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

Documents read(std::string_view text, const Limits& limits) {
  Documents out;
  if (text.size() > limits.max_bytes)
    out.problems.push_back(
        {{1, 1}, "is larger than " + std::to_string(limits.max_bytes) + " bytes"});
  else if (!is_utf8(text))
    out.problems.push_back({{1, 1}, "is not UTF-8"});
  else if (has_forbidden_character(text))
    out.problems.push_back({{1, 1}, "has a control character"});
  else if (looks_too_large(text, limits))
    out.problems.push_back(
        {{1, 1}, "has more than " + std::to_string(limits.max_nodes) + " values"});
  else
    parse(text, limits, out);
  return out;
}

} // namespace diffo::model::yaml
