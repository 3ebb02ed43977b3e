#include "query/page_headers.h"

#include <doctest/doctest.h>
#include <map>
#include <rapidcheck.h>
#include <set>
#include <string>

using namespace diffo::query;

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

std::uint64_t number_after(const std::string& text, const std::string& name) {
  return std::stoull(text.substr(text.find(name) + name.size()));
}

std::uint64_t result_of(std::uint64_t offset, std::uint64_t limit, std::uint64_t total) {
  return offset >= total ? 0 : std::min(limit, total - offset);
}

} // namespace

TEST_CASE("a body that holds all is 200 without links") {
  const PageHeaders headers =
      page_headers(url, "limit=10", {.offset = 0, .limit = 10, .total = 3, .result = 3});
  CHECK(headers.status == 200);
  CHECK(headers.total_count == "3");
  CHECK(headers.result_count == "3");
  CHECK(headers.link.empty());
  CHECK(page_headers(url, "", {.offset = 0, .limit = 1000, .total = 0, .result = 0}).status == 200);
}

TEST_CASE("a partial body is 206 and its links keep the other parameters") {
  const PageHeaders headers =
      page_headers(url, "state=active&offset=4&name=a%2Cb&limit=2&fields=id",
                   {.offset = 4, .limit = 2, .total = 9, .result = 2});
  CHECK(headers.status == 206);
  CHECK(headers.total_count == "9");
  CHECK(headers.result_count == "2");
  const auto links = links_of(headers.link);
  const std::string base = std::string(url) + "?state=active&name=a%2Cb&fields=id&";
  CHECK(links.at("self") == base + "offset=4&limit=2");
  CHECK(links.at("first") == base + "offset=0&limit=2");
  CHECK(links.at("prev") == base + "offset=2&limit=2");
  CHECK(links.at("next") == base + "offset=6&limit=2");
  CHECK(links.at("last") == base + "offset=8&limit=2");
}

TEST_CASE("where pages may end early the way back goes by cursor") {
  const auto links = links_of(
      page_headers(
          url, "offset=3&limit=4",
          {.offset = 3, .limit = 4, .total = 9, .result = 2, .by_cursor = {}, .before = "c"})
          .link);
  CHECK(links.at("prev") == std::string(url) + "?before=c&limit=4");
  CHECK(links.at("first") == std::string(url) + "?offset=0&limit=4");
  CHECK(links.at("next") == std::string(url) + "?offset=5&limit=4");
}

TEST_CASE("links that lead nowhere are left out") {
  const auto first =
      links_of(page_headers(url, "", {.offset = 0, .limit = 2, .total = 5, .result = 2}).link);
  CHECK(first.count("prev") == 0);
  CHECK(first.count("next") == 1);
  const auto last =
      links_of(page_headers(url, "", {.offset = 4, .limit = 2, .total = 5, .result = 1}).link);
  CHECK(last.count("next") == 0);
  const auto beyond =
      links_of(page_headers(url, "", {.offset = 99, .limit = 2, .total = 5, .result = 0}).link);
  CHECK(beyond.count("next") == 0);
  CHECK(number_after(beyond.at("prev"), "offset=") == 4);
  const auto counted =
      links_of(page_headers(url, "", {.offset = 0, .limit = 0, .total = 5, .result = 0}).link);
  CHECK(counted.size() == 1);
}

TEST_CASE("a URL cannot break out of the header and a long one drops the links") {
  const PageExtent page{.offset = 0, .limit = 1, .total = 2, .result = 1};
  const std::string link = page_headers(url, "a=<x>\"\r\n,b", page).link;
  CHECK(link.find("a=%3Cx%3E%22%0D%0A,b") != std::string::npos);
  CHECK(page_headers(url, "a=" + std::string(1100, 'x'), page).link.empty());
  CHECK(page_headers(url, "%6Fffset=7", page).link.find("%6Fffset") == std::string::npos);
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
      const auto links = links_of(
          page_headers(url, "",
                       {.offset = offset, .limit = limit, .total = total, .result = result})
              .link);
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
