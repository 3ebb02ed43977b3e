#include "outstanding/report.h"

#include "base/calendar.h"
#include "base/text.h"

#include <algorithm>

namespace diffo::outstanding {
namespace {

using json::Value;

/// Writes with or without terminal colours.
class Painter {
public:
  explicit Painter(ReportForm form) : coloured_(form == ReportForm::coloured_tree) {}

  [[nodiscard]] std::string name(std::string_view text) const { return painted(text, "\x1b[36m"); }
  [[nodiscard]] std::string expected(std::string_view text) const {
    return painted(text, "\x1b[33m");
  }
  [[nodiscard]] std::string actual(std::string_view text) const {
    return painted(text, "\x1b[31m");
  }
  [[nodiscard]] std::string met(std::string_view text) const { return painted(text, "\x1b[32m"); }

private:
  [[nodiscard]] std::string painted(std::string_view text, std::string_view colour) const {
    // What stands in documents must not steer the terminal.
    const std::string shown = printable(text);
    return coloured_ ? std::string(colour) + shown + "\x1b[0m" : shown;
  }
  bool coloured_;
};

bool is_matcher(const Value& value) {
  return value.is_object() && value.object().size() == 1 &&
         value.object().begin()->name.starts_with('$');
}

/// The attribute that names an item of a list best.
std::string label_of(const Value& item, std::size_t index) {
  for (const std::string_view attribute :
       {"name", "role", "relationshipType", "alias", "type", "code", "id"})
    if (const std::string_view text = item.text_of(attribute); !text.empty())
      return std::string(attribute) + " " + std::string(text);
  return std::to_string(index);
}

void append_tree(const Value& value, std::size_t indent, const Painter& paint, std::string& out) {
  const std::string margin(indent * 2, ' ');
  const auto branch = [&](const std::string& name, const Value& child) {
    const bool nests = (child.is_object() && !is_matcher(child) && !child.object().empty()) ||
                       (child.is_array() && !child.array().empty());
    out += margin + paint.name(name) + ":";
    if (!nests) {
      out += " " + paint.expected(json::to_text(child)) + "\n";
      return;
    }
    out += "\n";
    append_tree(child, indent + 1, paint, out);
  };
  if (value.is_array() && !value.array().empty()) {
    for (std::size_t index = 0; index < value.array().size(); ++index)
      branch("- " + label_of(value.array()[index], index), value.array()[index]);
  } else if (value.is_object() && !is_matcher(value) && !value.object().empty()) {
    for (const json::Member& member : value.object())
      branch(member.name, member.value);
  } else {
    out += margin + paint.expected(json::to_text(value)) + "\n";
  }
}

std::string time_text(Timestamp instant) {
  return format_moment({instant.microseconds, 0}, 'T') + "Z";
}

Error about(std::string_view which, Error error) {
  error.message = std::string(which) + ": " + error.message;
  return error;
}

} // namespace

std::string residue_tree(const std::optional<Value>& residue, ReportForm form) {
  const Painter paint(form);
  if (!residue)
    return paint.met("nothing outstanding") + "\n";
  std::string out;
  append_tree(*residue, 0, paint, out);
  return out;
}

std::string explanation_tree(const Evaluation& evaluation, Timestamp now, ReportForm form) {
  const Painter paint(form);
  std::string out;
  for (const Unmet& unmet : evaluation.explanation) {
    out += paint.name(unmet.pointer.empty() ? "(the document)" : unmet.pointer) + "\n";
    out +=
        "  expected " + paint.expected(json::to_text(unmet.expected)) + " (" + unmet.rule + ")\n";
    out += "  actual   " + paint.actual(unmet.actual ? json::to_text(*unmet.actual) : "nothing");
    if (!unmet.unknown.empty())
      out += ", " + paint.actual(unmet.unknown);
    out += "\n";
    if (unmet.provenance) {
      out += "  from     " + paint.name(unmet.provenance->source);
      if (const auto observed = unmet.provenance->observed_at)
        out +=
            ", " +
            std::to_string((now.microseconds - observed->microseconds) / microseconds_per_second) +
            " s old";
      out += "\n";
    }
    if (!unmet.declared_by.empty())
      out += "  declared by " + paint.name(unmet.declared_by) + "\n";
    if (unmet.since)
      out += "  since    " + time_text(*unmet.since) + "\n";
    if (unmet.next_flip)
      out += "  changes  " + time_text(*unmet.next_flip) + " by the clock alone\n";
  }
  return out;
}

Result<ExpectationParts> expectation_parts(Value document) {
  static constexpr std::string_view attributes[] = {"id",    "href",     "name",   "description",
                                                    "owner", "priority", "target", "validFor",
                                                    "@type", "profile",  "expect"};
  const Value* expect = document.find("expect");
  const bool stored =
      expect != nullptr &&
      std::all_of(document.object().begin(), document.object().end(), [](const auto& member) {
        return std::find(std::begin(attributes), std::end(attributes), member.name) !=
               std::end(attributes);
      });
  if (!stored)
    return ExpectationParts{std::move(document)};
  ExpectationParts parts;
  if (const Value* profile = document.find("profile")) {
    parts.profile = profile->is_string() ? profile_of(profile->string()) : std::nullopt;
    if (!parts.profile)
      return Error{ErrorCode::invalid, "a profile is v4, v5, diffo or reference", "/profile"};
  }
  parts.expect = *expect;
  return parts;
}

Result<Report> report(const ReportRequest& request) {
  auto expected = json::read(request.expected);
  if (!expected)
    return about("the expectation", std::move(expected).error());
  const auto actual = json::read(request.actual);
  if (!actual)
    return about("the actual", actual.error());
  auto parts = expectation_parts(std::move(expected).value());
  if (!parts)
    return about("the expectation", std::move(parts).error());
  const Profile profile = request.profile ? *request.profile : parts->profile.value_or(Profile::v5);
  auto expectation = Expectation::compile(std::move(parts->expect),
                                          {.profile = profile, .shapes = request.shapes});
  if (!expectation)
    return about("the expectation", std::move(expectation).error());
  const Evaluation evaluation =
      TRY(expectation->evaluate(&*actual, {.now = request.now, .explain = request.explain}));
  Report report{.outstanding = evaluation.outstanding()};
  if (request.form != ReportForm::json) {
    report.text = residue_tree(evaluation.residue, request.form);
    if (request.explain == Explain::yes && evaluation.outstanding())
      report.text += "\n" + explanation_tree(evaluation, request.now, request.form);
    return report;
  }
  Value residue = evaluation.residue ? *evaluation.residue : Value();
  if (request.explain == Explain::yes)
    residue = json::Object{{"outstanding", std::move(residue)},
                           {"explain", explanation_json(evaluation, request.now)}};
  report.text = json::to_pretty_text(residue);
  if (!report.text.ends_with('\n'))
    report.text += '\n';
  return report;
}

} // namespace diffo::outstanding
