#include "terms/term_text.h"

#include "base/calendar.h"
#include "base/pattern.h"
#include "base/text.h"
#include "outstanding/real_text.h"

namespace diffo::terms {
namespace {

constexpr std::size_t longest_description = 4000;

void append_utf8(std::uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      out += static_cast<char>(0xE0 | (code >> 12));
    } else {
      out += static_cast<char>(0xF0 | (code >> 18));
      out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    }
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
  }
  out += static_cast<char>(0x80 | (code & 0x3F));
}

/// A list is text when it holds code points, texts and lists of those.
Result<std::string> text_of_list(const Term& list) {
  std::string text;
  std::vector<const Term*> pending;
  const auto push = [&pending](const Term& from) {
    for (auto item = from.items().rbegin(); item != from.items().rend(); ++item)
      pending.push_back(&*item);
  };
  push(list);
  while (!pending.empty()) {
    const Term& item = *pending.back();
    pending.pop_back();
    if (item.kind() == TermKind::list) {
      push(item);
    } else if (item.kind() == TermKind::text) {
      text += item.name();
    } else if (item.kind() == TermKind::integer && item.integer() >= 0 &&
               item.integer() <= 0x10FFFF && (item.integer() < 0xD800 || item.integer() > 0xDFFF)) {
      append_utf8(static_cast<std::uint32_t>(item.integer()), text);
    } else {
      return Error{ErrorCode::invalid, "a pattern cannot be searched in the list " +
                                           describe(list) + ": it is not a list of code points"};
    }
  }
  return text;
}

void append_items(const Term& term, std::string& out);

std::string temporal(const Term& term) {
  switch (term.kind()) {
  case TermKind::date:
    return "~D[" + format_date(term.date()) + "]";
  case TermKind::time:
    return "~T[" + format_time(term.time()) + "]";
  case TermKind::naive:
    return "~N[" + format_moment(term.moment(), ' ') + "]";
  case TermKind::datetime:
    return "~U[" + format_moment(term.moment(), ' ') + "Z]";
  default:
    return "~P[" + format_duration(term.duration()) + "]";
  }
}

void append(const Term& term, std::string& out) {
  if (out.size() > longest_description)
    return;
  switch (term.kind()) {
  case TermKind::nil:
  case TermKind::boolean:
    out += term.name();
    return;
  case TermKind::atom:
    out += ':';
    out += term.name();
    return;
  case TermKind::text:
    out += '"';
    out += cut_text(term.name(), longest_description);
    out += '"';
    return;
  case TermKind::integer:
    out += std::to_string(term.integer());
    return;
  case TermKind::real:
    out += outstanding::format_real(term.real());
    return;
  case TermKind::range:
    out += std::to_string(term.range().first) + ".." + std::to_string(term.range().last) + "//" +
           std::to_string(term.range().step);
    return;
  case TermKind::regex:
    out += "~r/" + term.pattern().source() + "/" + term.pattern().options();
    return;
  case TermKind::date:
  case TermKind::time:
  case TermKind::naive:
  case TermKind::datetime:
  case TermKind::duration:
    out += temporal(term);
    return;
  case TermKind::function:
    out += '&';
    out += term.name();
    return;
  case TermKind::not_loaded:
    out += "%NotLoaded{}";
    return;
  case TermKind::list:
  case TermKind::map:
  case TermKind::tuple:
  case TermKind::set:
  case TermKind::record:
    append_items(term, out);
    return;
  }
}

void append_items(const Term& term, std::string& out) {
  const bool is_map = term.kind() == TermKind::map;
  if (is_map || term.kind() == TermKind::record)
    out += '%';
  if (term.kind() == TermKind::record)
    out += term.name();
  if (term.kind() == TermKind::set)
    out += "set";
  const bool square = term.kind() == TermKind::list || term.kind() == TermKind::set;
  out += square ? '[' : '{';
  // Deep terms are cut: describing must be safe for any term.
  if (term.depth() > 512) {
    out += "…";
  } else {
    for (std::size_t index = 0; index < term.items().size() && out.size() <= longest_description;
         ++index) {
      if (index != 0)
        out += is_map && index % 2 == 1 ? "=>" : ", ";
      if (term.kind() == TermKind::record)
        out += term.field_names()[index] + ": ";
      append(term.items()[index], out);
    }
    if (out.size() > longest_description)
      out += "…";
  }
  out += square ? ']' : '}';
}

} // namespace

Result<std::string> text_form(const Term& term) {
  switch (term.kind()) {
  case TermKind::nil:
    return std::string();
  case TermKind::boolean:
  case TermKind::atom:
  case TermKind::text:
    return std::string(term.name());
  case TermKind::integer:
    return std::to_string(term.integer());
  case TermKind::real:
    return outstanding::format_real(term.real());
  case TermKind::date:
    return format_date(term.date());
  case TermKind::time:
    return format_time(term.time());
  // NOTE: the reference's text of a moment has a space where ISO 8601 has a T.
  case TermKind::naive:
    return format_moment(term.moment(), ' ');
  case TermKind::datetime:
    return format_moment(term.moment(), ' ') + "Z";
  case TermKind::list:
    return text_of_list(term);
  case TermKind::map:
  case TermKind::tuple:
  case TermKind::set:
  case TermKind::range:
  case TermKind::regex:
  case TermKind::duration:
  case TermKind::function:
  case TermKind::record:
  case TermKind::not_loaded:
    break;
  }
  return Error{ErrorCode::no_rule,
               "a pattern cannot be searched in " + describe(term) + ": it has no text form"};
}

std::string describe(const Term& term) {
  std::string out;
  append(term, out);
  return out;
}

} // namespace diffo::terms
