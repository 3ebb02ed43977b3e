#include "rules/precedence.h"

#include <doctest/doctest.h>

using namespace diffo::rules;

TEST_CASE("who is believed follows from rank, time and staleness") {
  constexpr std::int64_t minute = 60'000'000;
  const Precedence ranked({{"nms", 10 * minute, {}},
                           {"crm", std::nullopt, {"name", "place[site]"}},
                           {"poller", std::nullopt, {}}});
  const Precedence of_kind = ranked.preceded_by(
      {{"state", {"poller", "probe"}}, {"place[site]", {"crm"}}, {"", {"probe"}}});
  const Precedence none;
  struct Row {
    const Precedence& precedence;
    Said said;
    Said held;
    const char* address;
    Ruling ruling;
  };
  const Row table[] = {
      // The same source, and equals: the newer wins; of the same moment the later comer.
      {none, {"a", 2}, {"a", 1}, "state", Ruling::takes},
      {none, {"a", 1}, {"a", 1}, "state", Ruling::takes},
      {none, {"a", 1}, {"a", 2}, "state", Ruling::stale},
      {none, {"a", 2}, {"b", 1}, "state", Ruling::takes},
      {none, {"a", 1}, {"b", 2}, "state", Ruling::stale},
      // The API stands until something newer is seen, by whomever is not weaker.
      {none, {"a", 1}, {"api", 2}, "state", Ruling::stale},
      {none, {"a", 3}, {"api", 2}, "state", Ruling::takes},
      {ranked, {"nms", 1}, {"api", 2}, "state", Ruling::stale},
      {ranked, {"nms", 3}, {"api", 2}, "state", Ruling::takes},
      // The stronger wins, however old; the weaker loses until the stronger is stale.
      {ranked, {"nms", 1}, {"poller", 9}, "state", Ruling::takes},
      {ranked, {"poller", 9}, {"nms", 1}, "state", Ruling::weaker},
      {ranked, {"poller", 11 * minute + 1}, {"nms", minute}, "state", Ruling::takes},
      {ranked, {"poller", 1}, {"nms", 9}, "state", Ruling::stale},
      // What nothing ranks is weaker than what is ranked, and one another's equal.
      {ranked, {"x", 9}, {"poller", 1}, "state", Ruling::weaker},
      {ranked, {"poller", 1}, {"x", 9}, "state", Ruling::takes},
      {ranked, {"x", 9}, {"y", 1}, "state", Ruling::takes},
      // A source is believed in the attributes that it is named for.
      {ranked, {"crm", 1}, {"poller", 9}, "name", Ruling::takes},
      {ranked, {"crm", 1}, {"poller", 9}, "place[site].id", Ruling::takes},
      {ranked, {"crm", 9}, {"poller", 1}, "place[sites].id", Ruling::weaker},
      {ranked, {"crm", 9}, {"poller", 1}, "state", Ruling::weaker},
      // The order of an attribute comes before that of all, which goes on behind it.
      {of_kind, {"poller", 1}, {"nms", 9}, "state", Ruling::takes},
      {of_kind, {"nms", 9}, {"probe", 1}, "state", Ruling::weaker},
      {of_kind, {"nms", 1}, {"x", 9}, "state", Ruling::takes},
      {of_kind, {"x", 9}, {"nms", 1}, "state", Ruling::weaker},
      {of_kind, {"x", 9}, {"y", 1}, "state", Ruling::takes},
      {of_kind, {"crm", 1}, {"nms", 9}, "place[site].id", Ruling::takes},
      {of_kind, {"crm", 9}, {"nms", 1}, "place[sites].id", Ruling::weaker},
      {of_kind, {"probe", 1}, {"nms", 9}, "name", Ruling::takes},
      // What is configured of a source's age holds of it there, too.
      {of_kind, {"poller", 11 * minute + 1}, {"nms", minute}, "name", Ruling::takes},
      {of_kind, {"nms", 60 * minute}, {"poller", 1}, "state", Ruling::weaker},
  };
  for (const Row& row : table) {
    CAPTURE(row.said.source);
    CAPTURE(row.said.at);
    CAPTURE(row.held.source);
    CAPTURE(row.address);
    CHECK(row.precedence.judge(row.said, row.held, row.address) == row.ruling);
  }
}
