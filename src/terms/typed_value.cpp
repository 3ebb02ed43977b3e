// The typed notation of outstanding.md §1.2.
#include "base/calendar.h"
#include "terms/vectors.h"

#include <algorithm>
#include <cmath>

namespace diffo::terms {
namespace {

using json::Kind;
using json::Value;

class Reader {
public:
  Reader(Timestamp now, const Rules& rules, RecordForm form)
      : now_(now), rules_(rules), form_(form) {}

  Result<Term> read(const Value& value, const json::Pointer& at) const {
    switch (value.kind()) {
    case Kind::null:
      return Term();
    case Kind::boolean:
      return Term::boolean(value.boolean());
    case Kind::integer:
      return Term::integer(value.integer());
    case Kind::string:
      return Term::text(value.string());
    case Kind::real:
    case Kind::number:
      return refuse(at, "a number that is no 64-bit integer must be tagged {\"float\": …}");
    case Kind::array:
      return refuse(at, "a list must be tagged {\"list\": […]}");
    case Kind::object:
      return tagged(value, at);
    }
    return Term();
  }

private:
  static Error refuse(const json::Pointer& at, std::string message) {
    return Error{ErrorCode::malformed, std::move(message), at.text()};
  }

  Result<Term> tagged(const Value& value, const json::Pointer& at) const {
    if (const Value* name = value.find("struct"))
      return record(*name, value, at);
    if (const Value* name = value.find("fn"))
      return function(*name, value, at);
    if (const Value* kind = value.find("now"))
      return shifted_now(*kind, value, at);
    if (value.find("regex") != nullptr)
      return regex(value, at);
    if (value.object().size() != 1)
      return refuse(at, "a typed value has one tag");
    const json::Member& member = *value.object().begin();
    const json::Pointer inside = at.child(member.name);
    if (member.name == "not_loaded")
      return Term::not_loaded();
    if (member.value.is_string())
      return from_text(member.name, member.value.string(), inside);
    if (member.value.is_array())
      return from_array(member.name, member.value.array(), inside);
    if (member.name == "float" && member.value.is_number())
      return Term::real(member.value.as_double());
    if (member.name == "duration" && member.value.is_object())
      return Term::duration(TRY(duration(member.value, inside)));
    return refuse(at, "unknown typed value '" + member.name + "'");
  }

  static Result<Term> from_text(const std::string& tag, const std::string& text,
                                const json::Pointer& at) {
    if (tag == "atom")
      return Term::atom(text);
    if (tag == "date")
      if (const auto date = parse_date(text))
        return Term::date(*date);
    if (tag == "time")
      if (const auto time = parse_time(text))
        return Term::time(*time);
    if (tag == "naive")
      if (const auto moment = parse_naive(text))
        return Term::naive(*moment);
    if (tag == "datetime")
      if (const auto moment = parse_datetime(text))
        return Term::datetime(*moment);
    if (tag == "duration")
      if (const auto parsed = parse_duration(text))
        return Term::duration(*parsed);
    return refuse(at, "'" + text + "' is no " + tag);
  }

  Result<Term> from_array(const std::string& tag, const json::Array& items,
                          const json::Pointer& at) const {
    if (tag == "list")
      return Term::list(TRY(read_all(items, at)));
    if (tag == "tuple")
      return Term::tuple(TRY(read_all(items, at)));
    if (tag == "mapset")
      return Term::set(TRY(read_all(items, at)));
    if (tag == "map" || tag == "keyword")
      return pairs(tag, items, at);
    if (tag == "range" && (items.size() == 2 || items.size() == 3) &&
        std::all_of(items.begin(), items.end(),
                    [](const Value& item) { return item.if_integer() != nullptr; })) {
      Range range{items[0].integer(), items[1].integer(), 1};
      range.step = items.size() == 3 ? items[2].integer() : range.first <= range.last ? 1 : -1;
      if (range.step != 0)
        return Term::range(range);
    }
    return refuse(at, "this is no " + tag);
  }

  Result<std::vector<Term>> read_all(const json::Array& items, const json::Pointer& at) const {
    std::vector<Term> terms;
    terms.reserve(items.size());
    for (std::size_t index = 0; index < items.size(); ++index)
      terms.push_back(TRY(read(items[index], at.child(std::to_string(index)))));
    return terms;
  }

  Result<Term> pairs(const std::string& tag, const json::Array& items,
                     const json::Pointer& at) const {
    std::vector<Term::Entry> entries;
    for (std::size_t index = 0; index < items.size(); ++index) {
      const json::Pointer inside = at.child(std::to_string(index));
      const json::Array* pair = items[index].if_array();
      if (pair == nullptr || pair->size() != 2 || (tag == "keyword" && !pair->front().is_string()))
        return refuse(inside, "an entry is a pair of key and value");
      Term key = tag == "keyword" ? Term::atom(pair->front().string())
                                  : TRY(read(pair->front(), inside.child("0")));
      entries.emplace_back(std::move(key), TRY(read(pair->back(), inside.child("1"))));
    }
    if (tag == "map")
      return Term::map(std::move(entries));
    std::vector<Term> tuples;
    tuples.reserve(entries.size());
    for (auto& [key, entry] : entries)
      tuples.push_back(Term::tuple({std::move(key), std::move(entry)}));
    return Term::list(std::move(tuples));
  }

  Result<Term> record(const Value& name, const Value& value, const json::Pointer& at) const {
    const Value* given = value.find("fields");
    if (!name.is_string() || (given != nullptr && !given->is_object()))
      return refuse(at, "a struct has a name and fields");
    if (rules_.record_type(name.string()) == nullptr)
      return Error{ErrorCode::not_found, "unknown struct '" + name.string() + "'", at.text()};
    std::vector<Term::Field> fields;
    if (given != nullptr)
      for (const json::Member& member : given->object())
        fields.emplace_back(member.name,
                            TRY(read(member.value, at.child("fields").child(member.name))));
    if (form_ == RecordForm::sparse)
      return Term::record(name.string(), std::move(fields), RecordForm::sparse);
    auto full = make_record(name.string(), std::move(fields), rules_);
    if (!full)
      full.error().path = at.text();
    return full;
  }

  Result<Term> function(const Value& name, const Value& value, const json::Pointer& at) const {
    if (!name.is_string())
      return refuse(at, "a function has a name");
    if (rules_.one_argument(name.string()) == nullptr &&
        rules_.two_argument(name.string()) == nullptr)
      return Error{ErrorCode::not_found, "unknown function '" + name.string() + "'", at.text()};
    if (const Value* argument = value.find("args"))
      return Term::applied(name.string(), TRY(read(*argument, at.child("args"))));
    return Term::function(name.string());
  }

  static Result<Term> regex(const Value& value, const json::Pointer& at) {
    if (!value.find("regex")->is_string())
      return refuse(at, "a regex is text");
    auto term = Term::regex(value.text_of("regex"), value.text_of("opts"));
    if (!term)
      term.error().path = at.text();
    return term;
  }

  Result<Term> shifted_now(const Value& kind, const Value& value, const json::Pointer& at) const {
    Moment moment{now_.microseconds, 6};
    if (const Value* by = value.find("shift")) {
      const Duration distance = TRY(duration(*by, at.child("shift")));
      moment = TRY(shift(moment, distance));
    }
    const std::string_view name =
        kind.is_string() ? std::string_view(kind.string()) : std::string_view();
    if (name == "datetime")
      return Term::datetime(moment);
    if (name == "naive")
      return Term::naive(moment);
    if (name == "date")
      return Term::date(day_of(moment));
    if (name == "time")
      return Term::time(time_of(moment));
    return refuse(at, "now is a datetime, naive, date or time");
  }

  static Result<Duration> duration(const Value& value, const json::Pointer& at) {
    Duration duration;
    const std::pair<std::string_view, std::int64_t*> units[] = {
        {"year", &duration.years},    {"month", &duration.months}, {"week", &duration.weeks},
        {"day", &duration.days},      {"hour", &duration.hours},   {"minute", &duration.minutes},
        {"second", &duration.seconds}};
    if (!value.is_object())
      return refuse(at, "a duration is an object of units");
    for (const json::Member& member : value.object()) {
      const auto* unit =
          std::find_if(std::begin(units), std::end(units),
                       [&member](const auto& known) { return known.first == member.name; });
      if (unit != std::end(units) && member.value.if_integer() != nullptr)
        *unit->second = member.value.integer();
      else if (member.name != "microsecond" || !read_fraction(member.value, duration))
        return refuse(at, "'" + member.name + "' is no unit of a duration with an integer amount");
    }
    return duration;
  }

  /// Microseconds as a number, or as the pair of amount and precision that the reference keeps.
  static bool read_fraction(const Value& amount, Duration& duration) {
    const Value* tuple = amount.find("tuple");
    const json::Array* pair = tuple != nullptr ? tuple->if_array() : amount.if_array();
    if (const std::int64_t* plain = amount.if_integer()) {
      duration.microseconds = *plain;
      duration.precision = 6;
      return true;
    }
    if (pair == nullptr || pair->size() != 2 || pair->front().if_integer() == nullptr ||
        pair->back().if_integer() == nullptr || pair->back().integer() < 0 ||
        pair->back().integer() > 6)
      return false;
    duration.microseconds = pair->front().integer();
    duration.precision = static_cast<int>(pair->back().integer());
    return true;
  }

  Timestamp now_;
  const Rules& rules_;
  RecordForm form_;
};

} // namespace

Result<Term> term_from_json(const Value& value, Timestamp now, const Rules& rules,
                            RecordForm form) {
  return Reader(now, rules, form).read(value, json::Pointer());
}

} // namespace diffo::terms
