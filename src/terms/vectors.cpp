#include "terms/vectors.h"

#include "terms/helpers.h"
#include "terms/reference.h"

#include <algorithm>
#include <ostream>

namespace diffo::terms {
namespace {

using json::Value;

bool says_nothing(const Term& field) {
  return field.is_nil() || field.kind() == TermKind::not_loaded;
}

bool same(const Term& listed, const Term& produced, const Rules& rules);

/// The fields of both records that say something are the same ones, with the same values.
bool same_fields(const Term& listed, const Term& produced, const Rules& rules) {
  const auto covers = [&rules](const Term& one, const Term& other, bool one_is_listed) {
    for (std::size_t index = 0; index < one.items().size(); ++index) {
      if (says_nothing(one.items()[index]))
        continue;
      const Term* found = other.field(one.field_names()[index]);
      if (found == nullptr || !(one_is_listed ? same(one.items()[index], *found, rules)
                                              : same(*found, one.items()[index], rules)))
        return false;
    }
    return true;
  };
  return covers(listed, produced, true) && covers(produced, listed, false);
}

bool same_record(const Term& listed, const Term& produced, const Rules& rules) {
  if (listed.name() != produced.name())
    return false;
  if (same_fields(listed, produced, rules))
    return true;
  if (produced.form() == RecordForm::sparse)
    return false;
  // A part of the expectation that came back whole has every field; a listing of it leaves out
  // those at default.
  std::vector<Term::Field> fields;
  fields.reserve(listed.items().size());
  for (std::size_t index = 0; index < listed.items().size(); ++index)
    fields.emplace_back(listed.field_names()[index], listed.items()[index]);
  const auto full = make_record(listed.name(), std::move(fields), rules);
  return full && same_fields(*full, produced, rules);
}

/// Whether a residue is the one that a vector lists (outstanding.md §1.2, "Struct field
/// convention").
bool same(const Term& listed, const Term& produced, const Rules& rules) {
  if (listed.kind() != produced.kind())
    return false;
  switch (listed.kind()) {
  case TermKind::record:
    return same_record(listed, produced, rules);
  case TermKind::list:
  case TermKind::tuple:
  case TermKind::map:
  case TermKind::set:
    return std::equal(listed.items().begin(), listed.items().end(), produced.items().begin(),
                      produced.items().end(),
                      [&rules](const Term& one, const Term& two) { return same(one, two, rules); });
  default:
    return listed == produced;
  }
}

/// The exception class by which the reference reports what an error of ours reports (outstanding.md
/// §10).
std::string_view exception_of(ErrorCode code) {
  switch (code) {
  case ErrorCode::no_rule:
    return "Protocol.UndefinedError";
  case ErrorCode::invalid:
    return "ArgumentError";
  case ErrorCode::malformed:
    return "BadArityError";
  case ErrorCode::unprocessable:
    return "FunctionClauseError";
  case ErrorCode::unsupported:
    return "UndefinedFunctionError";
  default:
    return "";
  }
}

struct Vector {
  Term expected;
  Term actual;
  std::string operation;
  const Value* parameters = nullptr;
};

/// What an operation gave: a term, a truth or a type's name are all told apart from each other.
struct Answer {
  Term term{};
  std::string type{};
};

Answer truth(bool value) {
  return {Term::boolean(value)};
}

class Runner {
public:
  Runner(Timestamp now, const Rules& rules) : now_(now), rules_(rules) {}

  /// Nothing when the vector holds, else what is wrong.
  std::string problem_of(const Value& vector) const {
    const auto read = read_vector(vector);
    if (!read)
      return read.error().text();
    const Value* wanted = vector.find("outstanding");
    const auto answer = apply(*read);
    if (wanted == nullptr)
      return "it has no outstanding";
    const std::string_view raises = wanted->text_of("raises");
    if (!raises.empty())
      return problem_with_error(answer, raises);
    if (!answer)
      return "expected " + json::to_text(*wanted) + ", got the error " + answer.error().text();
    if (!answer->type.empty() || wanted->find("type") != nullptr)
      return answer->type == wanted->text_of("type")
                 ? std::string()
                 : "expected " + json::to_text(*wanted) + ", got the type " + answer->type;
    const auto listed = term_from_json(*wanted, now_, rules_, RecordForm::sparse);
    if (!listed)
      return listed.error().text();
    if (!same(*listed, answer->term, rules_))
      return "expected " + describe(*listed) + ", got " + describe(answer->term);
    return read->operation.empty() ? problem_with_predicate(*read, !listed->is_nil())
                                   : std::string();
  }

private:
  Result<Vector> read_vector(const Value& vector) const {
    static const Value null;
    const auto member = [&vector](std::string_view name) -> const Value& {
      const Value* found = vector.find(name);
      return found != nullptr ? *found : null;
    };
    Vector read;
    read.operation = vector.text_of("op");
    read.parameters = vector.find("params");
    read.expected = TRY(term_from_json(member("expected"), now_, rules_, RecordForm::full));
    read.actual = TRY(term_from_json(member("actual"), now_, rules_, RecordForm::full));
    return read;
  }

  static std::string problem_with_error(const Result<Answer>& answer, std::string_view raises) {
    if (answer)
      return "expected the error " + std::string(raises) + ", got " + describe(answer->term);
    const std::string_view exception = exception_of(answer.error().code);
    if (exception == raises)
      return {};
    return "expected the error " + std::string(raises) + ", got " + std::string(exception) + ": " +
           answer.error().text();
  }

  std::string problem_with_predicate(const Vector& vector, bool outstanding) const {
    const auto exceeding = exceeds(vector.expected, vector.actual, now_, rules_);
    return exceeding && *exceeding == outstanding ? std::string()
                                                  : "the predicate disagrees with the operation";
  }

  Result<Answer> apply(const Vector& vector) const {
    const Term& expected = vector.expected;
    const Term& actual = vector.actual;
    const std::string& operation = vector.operation;
    if (operation.empty())
      return Answer{TRY(difference(expected, actual, now_, rules_))};
    if (operation == "type_of")
      return Answer{.type = type_of(expected)};
    if (operation == "suppress")
      return Answer{TRY(suppress(expected))};
    if (operation == "outstanding?/1")
      return truth(is_outstanding(expected));
    if (operation == "nil_outstanding?/1")
      return truth(!is_outstanding(expected));
    if (operation == "outstanding?/2")
      return truth(TRY(exceeds(expected, actual, now_, rules_)));
    if (operation == "nil_outstanding?/2")
      return truth(!TRY(exceeds(expected, actual, now_, rules_)));
    if (operation == "any_of_actual_list")
      return Answer{TRY(any_of_actual_list(expected, actual, now_, rules_))};
    if (operation == "outstanding_map") {
      if (expected.kind() != TermKind::map)
        return Error{ErrorCode::unprocessable, "outstanding_map needs maps"};
      return Answer{TRY(difference(expected, actual, now_, rules_))};
    }
    if (operation == "map_to_struct") {
      if (!actual.is_atom())
        return Error{ErrorCode::unprocessable, "map_to_struct needs the name of a struct"};
      return Answer{TRY(map_to_record(expected, actual.name(), rules_))};
    }
    if (operation == "instance_list_by_key")
      return list_by_key(vector);
    return Error{ErrorCode::not_found, "unknown operation '" + operation + "'"};
  }

  Result<Answer> list_by_key(const Vector& vector) const {
    static const Value none;
    const Value& parameters = vector.parameters != nullptr ? *vector.parameters : none;
    const Value* prior = parameters.find("outstanding");
    ListByKey how{.prior = TRY(term_from_json(prior != nullptr ? *prior : none, now_, rules_,
                                              RecordForm::sparse)),
                  .list = std::string(parameters.text_of("list")),
                  .key = std::string(parameters.text_of("key"))};
    return Answer{TRY(list_by_key_difference(how, vector.expected, vector.actual, now_, rules_))};
  }

  Timestamp now_;
  const Rules& rules_;
};

} // namespace

Result<VectorCounts> run_vectors(std::string_view text, std::ostream& out, Timestamp now) {
  const Value document = TRY(json::read(text));
  const Value* list = document.is_object() ? document.find("vectors") : &document;
  if (list == nullptr || !list->is_array())
    return Error{ErrorCode::malformed, "a file of vectors is a list of objects"};
  const Runner runner(now, reference_rules());
  VectorCounts counts;
  for (std::size_t index = 0; index < list->array().size(); ++index) {
    const Value& vector = list->array()[index];
    const std::string problem = vector.is_object() ? runner.problem_of(vector) : "it is no object";
    if (problem.empty()) {
      ++counts.passed;
      continue;
    }
    ++counts.failed;
    const std::string_view id = vector.text_of("id");
    out << "FAILED " << (id.empty() ? "#" + std::to_string(index) : std::string(id)) << ": "
        << problem << '\n';
  }
  out << counts.passed << " passed, " << counts.failed << " failed\n";
  return counts;
}

} // namespace diffo::terms
