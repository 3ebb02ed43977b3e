#include "base/text.h"
#include "base/text_hash.h"
#include "json/number.h"
#include "json/scanner.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace diffo::json {
namespace {

namespace ondemand = simdjson::ondemand;

// The recursion below has a stack to respect.
constexpr std::size_t deepest = 512;
// Up to so many members, comparing a name with all of them is fastest.
constexpr std::size_t few_members = 32;
// What most objects of TM Forum's documents hold; in larger texts, room kept for it could be used
// to fill the memory.
constexpr std::size_t usual_members = 6;
constexpr std::size_t usual_members_of_all = 24; // of the document itself
constexpr std::size_t usual_items = 4;
constexpr std::size_t roomy_bytes = std::size_t{64} * 1024;
// Larger buffers are given back after use.
constexpr std::size_t keep_bytes = std::size_t{1024} * 1024;

/// The parser and the padded copy of the text; kept between calls because making them costs more
/// than reading a small document. One thread.
class Workspace {
public:
  /// Copies the text as the only item of an array: simdjson then treats scalar and other documents
  /// alike, and whatever stands after the document is an error of the array's syntax.
  simdjson::padded_string_view load(std::string_view text) {
    skipped_ = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    text.remove_prefix(skipped_);
    length_ = text.size() + 2;
    const std::size_t needed = length_ + simdjson::SIMDJSON_PADDING;
    if (needed > capacity_) {
      capacity_ = std::max(needed, std::size_t{16} * 1024);
      buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
    }
    buffer_[0] = '[';
    text.copy(buffer_.get() + 1, text.size());
    buffer_[length_ - 1] = ']';
    std::memset(buffer_.get() + length_, ' ', simdjson::SIMDJSON_PADDING);
    return simdjson::padded_string_view(buffer_.get(), length_, capacity_);
  }

  ondemand::parser& parser() { return parser_; }
  [[nodiscard]] const char* end() const { return buffer_.get() + length_; }
  /// Where in the caller's text a byte of the copy came from.
  [[nodiscard]] std::size_t offset_of(const char* at) const {
    return static_cast<std::size_t>(at - buffer_.get()) - 1 + skipped_;
  }
  [[nodiscard]] bool is_large() const { return capacity_ > keep_bytes; }

private:
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t length_ = 0;
  std::size_t skipped_ = 0;
  ondemand::parser parser_;
};

std::string_view trimmed(std::string_view token) {
  const std::size_t last = token.find_last_not_of(" \t\r\n");
  return token.substr(0, last + 1);
}

/// Builds Values from simdjson's iterators. The functions return false when the text is bad; only
/// the faults the scanner does not look for are noted here.
class Builder {
public:
  Builder(Workspace& workspace, const ReadLimits& limits, std::size_t size)
      : workspace_(workspace), max_depth_(limits.max_depth), values_left_(limits.max_values),
        roomy_(size <= roomy_bytes) {}

  bool document(ondemand::document& document, Value& out) {
    ondemand::array wrapper;
    if (document.get_array().get(wrapper) != simdjson::SUCCESS)
      return false;
    std::size_t count = 0;
    for (auto item : wrapper) {
      ondemand::value value;
      if (std::move(item).get(value) != simdjson::SUCCESS || ++count > 1 || !build(value, out, 0))
        return false;
    }
    // Beyond the wrapper's bracket there must be nothing.
    return count == 1 && document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  }

  [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }
  [[nodiscard]] const std::string& duplicate() const { return duplicate_; }

private:
  bool build(ondemand::value& value, Value& out, std::size_t depth) {
    const std::string_view token = value.raw_json_token();
    const char* const begin = token.data();
    if (values_left_-- == 0) {
      fault_ = Fault{ErrorCode::too_large, workspace_.offset_of(begin), "too many values"};
      return false;
    }
    switch (token.front()) {
    case '"':
      return string(value, token, out);
    case '{':
      return depth < max_depth_ && object(value, out, depth + 1);
    case '[':
      return depth < max_depth_ && array(value, out, depth + 1);
    default:
      return scalar(trimmed(token), out);
    }
  }

  bool array(ondemand::value& value, Value& out, std::size_t depth) {
    ondemand::array items;
    if (value.get_array().get(items) != simdjson::SUCCESS)
      return false;
    Array& built = (out = Value(Array{})).array();
    for (auto item : items) {
      ondemand::value element;
      if (std::move(item).get(element) != simdjson::SUCCESS)
        return false;
      if (roomy_ && built.empty())
        built.reserve(usual_items);
      if (!build(element, built.emplace_back(), depth))
        return false;
    }
    return true;
  }

  bool object(ondemand::value& value, Value& out, std::size_t depth) {
    ondemand::object members;
    if (value.get_object().get(members) != simdjson::SUCCESS)
      return false;
    Object& built = (out = Value(Object{})).object();
    if (roomy_)
      built.reserve(depth == 1 ? usual_members_of_all : usual_members);
    Names names;
    for (auto member : members) {
      ondemand::field field;
      if (std::move(member).get(field) != simdjson::SUCCESS)
        return false;
      const char* const raw = field.key().raw();
      std::string_view name;
      if (field.unescaped_key().get(name) != simdjson::SUCCESS || !well_encoded(raw, name))
        return false;
      if (!is_new(built, names, name))
        return refuse_duplicate(raw, name);
      if (!build(field.value(), built.append(std::string(name), Value()), depth))
        return false;
    }
    return true;
  }

  bool string(ondemand::value& value, std::string_view token, Value& out) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS || !well_encoded(token.data() + 1, text))
      return false;
    out = Value(text);
    return true;
  }

  static bool scalar(std::string_view token, Value& out) {
    if (token == "true" || token == "false") {
      out = Value(token == "true");
      return true;
    }
    if (token == "null") {
      out = Value();
      return true;
    }
    const NumberForm form = form_of_number(token);
    if (form == NumberForm::none || form == NumberForm::huge)
      return false;
    out = value_of_number(token, form);
    return true;
  }

  /// simdjson checks the encoding of the text, but lets some escapes of lone surrogates through.
  static bool well_encoded(const char* raw, std::string_view text) {
    if (std::memcmp(raw, text.data(), text.size()) == 0)
      return true;
    return simdjson::validate_utf8(text.data(), text.size());
  }

  using Names = TextSet;

  static bool is_new(const Object& built, Names& names, std::string_view name) {
    if (built.size() < few_members)
      return !built.contains(name);
    if (names.empty()) {
      for (const Member& member : built)
        names.insert(member.name);
    }
    return names.emplace(name).second;
  }

  bool refuse_duplicate(const char* raw, std::string_view name) {
    duplicate_ = name;
    fault_ = Fault{ErrorCode::malformed, workspace_.offset_of(raw - 1), "a second member named "};
    return false;
  }

  Workspace& workspace_;
  std::size_t max_depth_;
  std::size_t values_left_;
  bool roomy_;
  std::optional<Fault> fault_;
  std::string duplicate_;
};

Error error_of(const Fault& fault, std::string_view subject) {
  std::string message = "byte " + std::to_string(fault.offset) + ": " + std::string(fault.reason);
  if (fault.reason.ends_with(' ')) {
    constexpr std::size_t longest_shown = 100;
    write_quoted(cut_text(subject, longest_shown), message);
  }
  return Error{fault.code, std::move(message)};
}

Result<Value> read_in(Workspace& workspace, std::string_view text, const ReadLimits& limits) {
  Builder builder(workspace, limits, text.size());
  ondemand::document document;
  Value value;
  const auto started = workspace.parser().iterate(workspace.load(text)).get(document);
  if (started == simdjson::SUCCESS && builder.document(document, value))
    return value;
  if (started == simdjson::MEMALLOC)
    return Error{ErrorCode::unavailable, "there is no memory to read the text"};
  // A duplicate may be met before an earlier byte of bad syntax is; the syntax comes first.
  if (const std::optional<Fault> fault = find_fault(text, limits.max_depth))
    return error_of(*fault, {});
  if (builder.fault())
    return error_of(*builder.fault(), builder.duplicate());
  return Error{ErrorCode::malformed, "not a JSON text"};
}

} // namespace

Result<Value> read(std::string_view text, const ReadLimits& limits) {
  if (text.size() > limits.max_bytes)
    return Error{ErrorCode::too_large,
                 "more than " + std::to_string(limits.max_bytes) + " bytes of JSON"};
  ReadLimits bounded = limits;
  bounded.max_depth = std::min(limits.max_depth, deepest);
  thread_local std::unique_ptr<Workspace> kept;
  if (!kept)
    kept = std::make_unique<Workspace>();
  Result<Value> result = read_in(*kept, text, bounded);
  if (kept->is_large())
    kept.reset();
  return result;
}

} // namespace diffo::json
