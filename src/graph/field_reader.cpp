#include "graph/field_reader.h"

#include <algorithm>
#include <span>
#include <utility>

namespace diffo::graph {

bool ValueSink::take_packed_text(const ValueView& text) {
  const std::string_view direct = text.direct_text();
  return direct.empty() ? take_text(text.text()) : take_text(direct);
}

bool ValueSink::take_element(const ElementView& /*element*/) {
  return take_other(json::Value(true));
}

/// One reading. `more_` falls when the sink has enough.
class FieldReader::Walk {
public:
  Walk(const FieldReader& reader, const Record& record, ValueSink& sink)
      : reader_(reader), path_(reader.path_), record_(record), sink_(sink),
        places_(sink.wants_places()) {}

  void run(const ElementView& from) {
    visit(from, 0);
    if (found_ || path_.otherwise == FieldPath::Otherwise::nothing)
      return;
    if (path_.otherwise == FieldPath::Otherwise::created_at)
      sink_.take_moment(record_.created_at());
    else
      sink_.take_text(path_.otherwise_text);
  }

private:
  void visit(const ElementView& element, std::size_t depth) {
    if (depth == path_.parts.size()) {
      take_end(element);
      return;
    }
    const auto& kinds = path_.parts[depth];
    ElementView child;
    ChildCursor children = element.children();
    if (kinds.size() == 1) {
      while (more_ && children.next_of(kinds.front(), child))
        visit_child(child, depth + 1);
      return;
    }
    while (more_ && children.next(child))
      if (kinds.empty() || std::find(kinds.begin(), kinds.end(), child.kind()) != kinds.end())
        visit_child(child, depth + 1);
  }

  void visit_child(const ElementView& child, std::size_t depth) {
    if (!places_) {
      visit(child, depth);
      return;
    }
    sink_.begin_place();
    // What is kept verbatim need not be an object; that its member is missing does not say it all.
    if (child.is_verbatim())
      more_ = sink_.take_other(child.verbatim().to_json());
    else
      visit(child, depth);
    sink_.end_place();
  }

  void take_end(const ElementView& element) {
    switch (path_.end) {
    case FieldPath::End::element:
      more_ = sink_.take_element(element);
      return;
    case FieldPath::End::field:
    case FieldPath::End::extra:
    case FieldPath::End::member:
      take_member(element);
      return;
    case FieldPath::End::id:
      if (element.has_target())
        take_view(element.target_id());
      else if (element.part() == 0) // the root
        take_view(record_.packed_id(element.dictionary()));
      return;
    case FieldPath::End::created_at:
      more_ = sink_.take_moment(record_.created_at());
      return;
    case FieldPath::End::updated_at:
      more_ = sink_.take_moment(record_.updated_at());
      return;
    case FieldPath::End::irregular:
      if (element.is_verbatim() ||
          (element.newer_form() && (element.has_children() || element.has_extra())))
        more_ = sink_.take_other(json::Value(true));
      return;
    }
  }

  void take_member(const ElementView& element) {
    if (element.is_verbatim()) {
      const json::Value whole = element.verbatim().to_json();
      if (const json::Value* member = whole.find(path_.member))
        take_below(*member, path_.inside);
      return;
    }
    ValueView value;
    if (path_.end != FieldPath::End::extra && reader_.word_)
      value = element.field(*reader_.word_);
    if (!value && path_.end != FieldPath::End::field && element.has_extra())
      value = element.extra(path_.member);
    take_view(value);
  }

  void take_view(const ValueView& value) {
    if (!value)
      return;
    if (places_) {
      // All of it: members of what is no object, and of which item they are, is not to be told.
      found_ = true;
      more_ = sink_.take_other(value.to_json());
    } else if (value.kind() != json::Kind::string) {
      take_below(value.to_json(), path_.inside);
    } else if (path_.inside.empty()) {
      found_ = true;
      more_ = sink_.take_packed_text(value);
    }
  }

  void take_below(const json::Value& value, std::span<const std::string> inside) {
    if (const json::Array* items = value.if_array()) {
      for (const json::Value& item : *items)
        if (more_)
          take_below(item, inside);
      return;
    }
    if (!inside.empty()) {
      if (const json::Value* member = value.find(inside.front()))
        take_below(*member, inside.subspan(1));
      return;
    }
    found_ = true;
    const std::string* text = value.if_string();
    more_ = text != nullptr ? sink_.take_text(*text) : sink_.take_other(value);
  }

  const FieldReader& reader_;
  const FieldPath& path_;
  const Record& record_;
  ValueSink& sink_;
  bool places_; ///< the sink wants them
  bool found_ = false;
  bool more_ = true;
};

FieldReader::FieldReader(FieldPath path, const Dictionary& dictionary)
    : path_(std::move(path)), word_(dictionary.find(path_.member)) {}

void FieldReader::read(const Record& record, const ElementView& from, ValueSink& sink) const {
  Walk(*this, record, sink).run(from);
}

} // namespace diffo::graph
