#include <diffo/result.h>

#include <doctest/doctest.h>

#include <memory>

using namespace diffo;

namespace {

Result<int> half(int number) {
  if (number % 2 != 0)
    return Error{ErrorCode::invalid, "an odd number"};
  return number / 2;
}

Result<int> quarter(int number) {
  return TRY(half(TRY(half(number))));
}

Result<void> check_quarter(int number) {
  TRY(quarter(number));
  return {};
}

Result<std::unique_ptr<int>> owned(int number) {
  return std::make_unique<int>(TRY(half(number)));
}

} // namespace

TEST_CASE("TRY passes values on and errors up") {
  CHECK(*quarter(12) == 3);
  CHECK(quarter(6).error().message == "an odd number");
  CHECK(check_quarter(12));
  CHECK(check_quarter(2).error().code == ErrorCode::invalid);
  CHECK(*owned(4).value() == 2);
}

TEST_CASE("every error code has a name of its own") {
  std::string_view last;
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    const std::string_view name = name_of(static_cast<ErrorCode>(code));
    CHECK(name != "unknown");
    CHECK(name != last);
    last = name;
  }
}

TEST_CASE("an error's text has its path and its problems on one line") {
  const Error error{
      ErrorCode::invalid,
      "two problems",
      "",
      {{ErrorCode::invalid, "too long", "/name"}, {ErrorCode::invalid, "missing", "/id"}}};
  CHECK(error.text() == "two problems; /name: too long; /id: missing");
}
