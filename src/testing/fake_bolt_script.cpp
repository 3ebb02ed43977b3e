#include "testing/fake_bolt_server.h"

#include <charconv>

namespace diffo::bolt::fake {

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

Outcome<std::string> with_variables(std::string_view text,
                                    const std::map<std::string, std::string>& variables) {
  std::string out;
  while (true) {
    const std::size_t start = text.find("${");
    out.append(text.substr(0, start));
    if (start == std::string_view::npos)
      return out;
    const std::size_t end = text.find('}', start);
    const std::string name(
        text.substr(start + 2, end == std::string_view::npos ? 0 : end - start - 2));
    const auto value = variables.find(name);
    if (value == variables.end())
      return make_failure(FailureKind::usage, "the script needs the variable " + name);
    out.append(value->second);
    text.remove_prefix(end + 1);
  }
}

Outcome<Step> read_message(Step::Kind kind, std::string_view rest) {
  Step step;
  step.kind = kind;
  const std::size_t space = std::min(rest.find(' '), rest.size());
  step.signature = TRY(read_signature(rest.substr(0, space)));
  step.values = TRY(read_values(rest.substr(space)));
  return step;
}

Outcome<Step> read_ending(std::string_view rest) {
  Step step;
  if (rest == "close")
    step.kind = Step::Kind::close;
  else if (rest == "half")
    step.kind = Step::Kind::half_close;
  else if (rest == "reset")
    step.kind = Step::Kind::reset;
  else
    return make_failure(FailureKind::usage, "X: wants close, half or reset");
  return step;
}

Outcome<Step> read_writing(std::string_view rest) {
  Step step;
  const std::size_t space = rest.find(' ');
  const std::string_view digits =
      space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
  if (std::from_chars(digits.data(), digits.data() + digits.size(), step.size).ec != std::errc{} ||
      step.size == 0)
    return make_failure(FailureKind::usage, "W: wants chunks N or pieces N");
  step.kind = rest.starts_with("chunks ") ? Step::Kind::chunks : Step::Kind::pieces;
  return step;
}

Outcome<Step> read_step(std::string_view line) {
  const std::string_view rest = line.size() > 2 ? trimmed(line.substr(2)) : std::string_view{};
  const std::string_view mark = line.substr(0, 2);
  Step step;
  if (mark == "C:")
    return read_message(Step::Kind::expect, rest);
  if (mark == "S:")
    return read_message(Step::Kind::send, rest);
  if (mark == "X:")
    return read_ending(rest);
  if (mark == "W:")
    return read_writing(rest);
  if (mark == "A:") {
    step.kind = Step::Kind::handshake;
    step.text = std::string(rest);
  } else if (mark == "N:") {
    step.kind = Step::Kind::noop;
  } else if (mark == "R:" || mark == "F:") {
    step.kind = mark == "R:" ? Step::Kind::raw : Step::Kind::flood;
    step.text = TRY(read_hex(rest));
  } else {
    return make_failure(FailureKind::usage, "unknown mark " + std::string(mark));
  }
  return step;
}

} // namespace

Outcome<Script> read_script(std::string_view text,
                            const std::map<std::string, std::string>& variables) {
  const std::string whole = TRY(with_variables(text, variables));
  Script script;
  script.conversations.emplace_back();
  std::string_view left = whole;
  for (std::size_t number = 1; !left.empty(); ++number) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    const std::string_view line = trimmed(left.substr(0, end));
    left.remove_prefix(std::min(left.size(), end + 1));
    if (line.empty() || line.front() == '#')
      continue;
    if (line == "=== next" || line == "=== every") {
      script.conversations.emplace_back().every = line.ends_with("every");
      continue;
    }
    Outcome<Step> step = read_step(line);
    if (!step) {
      step.error().message = "line " + std::to_string(number) + ": " + step.error().message;
      return std::move(step).error();
    }
    step->line = number;
    script.conversations.back().steps.push_back(std::move(*step));
  }
  if (script.conversations.front().steps.empty() && script.conversations.size() > 1)
    script.conversations.erase(script.conversations.begin());
  return script;
}

} // namespace diffo::bolt::fake
