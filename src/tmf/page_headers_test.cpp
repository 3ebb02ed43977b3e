#include "tmf/page_headers.h"

#include <doctest/doctest.h>
#include <map>
#include <rapidcheck.h>
#include <set>
#include <string>

using namespace diffo::tmf;

namespace {

constexpr const char* url = "http://host/tmf-api/serviceInventory/v4/service";

/// The links of a Link header by relation.
std::map<std::string, std::string> links_of(const std::string& header) {
  std::map<std::string, std::string> links;
  for (std::size_t at = 0; (at = header.find('<', at)) != std::string::npos;) {
    const std::size_t end = header.find('>', at);
    const std::size_t relation = header.find("rel=\"", end) + 5;
    links[header.substr(relation, header.find('"', relation) - relation)] =
        header.substr(at + 1, end - at - 1);
    at = relation;
  }
  return links;
}

/// The header of that name, or an empty text.
std::string header(const PageAnswer& answer, const std::string& name) {
  for (const auto& [key, value] : answer.headers)
    if (key == name)
      return value;
  return {};
}

/// The links of a page.
std::map<std::string, std::string> links_of(const PageExtent& page, const char* query = "") {
  return links_of(header(page_headers(page, url, query), "Link"));
}

std::uint64_t number_after(const std::string& text, const std::string& name) {
  return std::stoull(text.substr(text.find(name) + name.size()));
}

std::uint64_t result_of(std::uint64_t offset, std::uint64_t limit, std::uint64_t total) {
  return offset >= total ? 0 : std::min(limit, total - offset);
}

} // namespace

TEST_CASE("a body that holds all is 200 without links") {
  const PageAnswer answer =
      page_headers({.offset = 0, .limit = 10, .total = 3, .result = 3}, url, "limit=10");
  CHECK(answer.status == 200);
  CHECK(header(answer, "X-Total-Count") == "3");
  CHECK(header(answer, "X-Result-Count") == "3");
  CHECK(answer.headers.size() == 2);
  CHECK(page_headers({.offset = 0, .limit = 9, .total = 0, .result = 0}, url, "").status == 200);
}

TEST_CASE("a partial body is 206 and its links keep the other parameters") {
  const PageAnswer answer = page_headers({.offset = 4, .limit = 2, .total = 9, .result = 2}, url,
                                         "state=active&offset=4&name=a%2Cb&limit=2&fields=id");
  CHECK(answer.status == 206);
  CHECK(header(answer, "X-Total-Count") == "9");
  CHECK(header(answer, "X-Result-Count") == "2");
  const auto links = links_of(header(answer, "Link"));
  const std::string base = std::string(url) + "?state=active&name=a%2Cb&fields=id&";
  CHECK(links.at("self") == base + "offset=4&limit=2");
  CHECK(links.at("first") == base + "offset=0&limit=2");
  CHECK(links.at("prev") == base + "offset=2&limit=2");
  CHECK(links.at("next") == base + "offset=6&limit=2");
  CHECK(links.at("last") == base + "offset=8&limit=2");
}

TEST_CASE("links that lead nowhere are left out") {
  const auto first = links_of({.offset = 0, .limit = 2, .total = 5, .result = 2});
  CHECK(first.count("prev") == 0);
  CHECK(first.count("next") == 1);
  const auto last = links_of({.offset = 4, .limit = 2, .total = 5, .result = 1});
  CHECK(last.count("next") == 0);
  const auto beyond = links_of({.offset = 99, .limit = 2, .total = 5, .result = 0});
  CHECK(beyond.count("next") == 0);
  CHECK(number_after(beyond.at("prev"), "offset=") == 4);
  CHECK(links_of({.offset = 0, .limit = 0, .total = 5, .result = 0}).size() == 1);
}

TEST_CASE("a URL cannot break out of the header and a long one drops the links") {
  const PageExtent page{.offset = 0, .limit = 1, .total = 2, .result = 1};
  const std::string link = header(page_headers(page, url, "a=<x>\"\r\n,b"), "Link");
  CHECK(link.find("a=%3Cx%3E%22%0D%0A,b") != std::string::npos);
  CHECK(page_headers(page, url, "a=" + std::string(1100, 'x')).headers.size() == 2);
  CHECK(header(page_headers(page, url, "%6Fffset=7"), "Link").find("%6Fffset") ==
        std::string::npos);
}

TEST_CASE("following next from anywhere meets every later item exactly once and ends at last") {
  CHECK(rc::check([] {
    const auto total = *rc::gen::inRange<std::uint64_t>(1, 200);
    const auto limit = *rc::gen::inRange<std::uint64_t>(1, 50);
    std::uint64_t offset = *rc::gen::inRange<std::uint64_t>(0, total);
    const std::uint64_t start = offset;
    std::uint64_t met = 0;
    for (;;) {
      const std::uint64_t result = result_of(offset, limit, total);
      met += result;
      const auto links =
          links_of({.offset = offset, .limit = limit, .total = total, .result = result});
      if (links.count("next") == 0) {
        const bool at_last = links.empty() || number_after(links.at("last"), "offset=") == offset;
        RC_ASSERT(at_last);
        break;
      }
      offset = number_after(links.at("next"), "offset=");
    }
    RC_ASSERT(met == total - start);
  }));
}
