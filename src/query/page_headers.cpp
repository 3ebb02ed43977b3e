#include "query/page_headers.h"

#include "base/url_text.h"

#include <algorithm>

namespace diffo::query {
namespace {

/// Keeps a URL from ending the angle brackets or the header it stands in.
void append_safely(std::string& out, std::string_view url) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '<' && c != '>' && c != '"') {
      out += c;
      continue;
    }
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

bool is_paging(std::string_view raw_name) {
  const auto name = decode_query_text(raw_name);
  return name && (*name == "offset" || *name == "limit" || *name == "after" || *name == "before");
}

/// Everything of the URL up to what says which page.
std::string link_base(std::string_view collection_url, std::string_view raw_query) {
  std::string base;
  append_safely(base, collection_url);
  base += '?';
  for (const RawParameter& parameter : split_query(raw_query)) {
    if (is_paging(parameter.name))
      continue;
    append_safely(base, parameter.name);
    if (parameter.has_value) {
      base += '=';
      append_safely(base, parameter.value);
    }
    base += '&';
  }
  return base;
}

class LinkWriter {
public:
  LinkWriter(std::string base, std::uint64_t limit) : base_(std::move(base)), limit_(limit) {}

  void add(std::string_view relation, std::uint64_t offset) {
    add(relation, "offset", std::to_string(offset));
  }
  void add(std::string_view relation, std::string_view parameter, std::string_view value) {
    if (!text_.empty())
      text_ += ", ";
    text_ += '<' + base_;
    text_ += parameter;
    text_ += '=';
    text_ += value;
    text_ += "&limit=" + std::to_string(limit_) + ">; rel=\"";
    text_ += relation;
    text_ += '"';
  }
  [[nodiscard]] std::string take() {
    return text_.size() > max_link_bytes ? std::string() : std::move(text_);
  }

private:
  std::string base_;
  std::uint64_t limit_;
  std::string text_;
};

std::string cursor_links(std::string_view collection_url, std::string_view raw_query,
                         const PageExtent& page) {
  LinkWriter writer(link_base(collection_url, raw_query), page.limit);
  writer.add("first", "after", {});
  if (!page.by_cursor->before.empty())
    writer.add("prev", "before", page.by_cursor->before);
  if (!page.by_cursor->after.empty())
    writer.add("next", "after", page.by_cursor->after);
  writer.add("last", "before", {});
  return writer.take();
}

std::string links(std::string_view collection_url, std::string_view raw_query,
                  const PageExtent& page) {
  if (page.by_cursor)
    return cursor_links(collection_url, raw_query, page);
  LinkWriter writer(link_base(collection_url, raw_query), page.limit);
  writer.add("self", page.offset);
  if (page.limit == 0)
    return writer.take();
  writer.add("first", 0);
  if (!page.before.empty())
    writer.add("prev", "before", page.before);
  else if (page.offset > 0)
    writer.add("prev", page.offset < page.total ? page.offset - std::min(page.offset, page.limit)
                                                : (page.total - 1) / page.limit * page.limit);
  // A page may hold less than its limit where its bytes are bounded.
  if (page.offset < page.total && page.total - page.offset > page.result)
    writer.add("next", page.offset + page.result);
  // The last page of those that next leads through from here.
  const std::uint64_t shift = page.offset < page.total ? page.offset % page.limit : 0;
  writer.add("last",
             page.total > shift ? (page.total - 1 - shift) / page.limit * page.limit + shift : 0);
  return writer.take();
}

} // namespace

PageHeaders page_headers(std::string_view collection_url, std::string_view raw_query,
                         const PageExtent& page) {
  PageHeaders headers;
  headers.total_count = std::to_string(page.total);
  headers.result_count = std::to_string(page.result);
  if (page.result == page.total)
    return headers;
  headers.status = 206;
  headers.content_range = page.result == 0 ? "items */" + headers.total_count
                                           : "items " + std::to_string(page.offset) + '-' +
                                                 std::to_string(page.offset + page.result - 1) +
                                                 '/' + headers.total_count;
  headers.link = links(collection_url, raw_query, page);
  return headers;
}

} // namespace diffo::query
