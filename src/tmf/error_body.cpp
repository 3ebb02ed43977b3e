#include "tmf/error_body.h"

#include <diffo/json.h>

namespace diffo::tmf {
namespace {

struct Row {
  int status;
  std::string_view code; ///< the codes of tmf.md §1.6
  std::string_view reason;
};

Row row_of(ErrorCode code) {
  switch (code) {
  case ErrorCode::malformed:
    return {400, "22", "Malformed request"};
  case ErrorCode::invalid:
    return {400, "24", "Invalid request"};
  case ErrorCode::unauthenticated:
    return {401, "41", "Not authenticated"};
  case ErrorCode::forbidden:
    return {403, "50", "Access denied"};
  case ErrorCode::not_found:
    return {404, "60", "Not found"};
  case ErrorCode::gone:
    return {410, "60", "No longer kept"};
  case ErrorCode::conflict:
    return {409, "2", "Conflict"};
  case ErrorCode::precondition_failed:
    return {412, "2", "Precondition failed"};
  case ErrorCode::too_large:
    return {413, "2", "Too large"};
  case ErrorCode::unprocessable:
  case ErrorCode::no_rule:
    return {422, "2", "Cannot be done"};
  case ErrorCode::unsupported:
    return {501, "1", "Not supported"};
  case ErrorCode::unavailable:
    return {503, "1", "Not available now"};
  case ErrorCode::timeout:
    return {504, "1", "Took too long"};
  case ErrorCode::outcome_unknown:
    return {503, "1", "Outcome unknown"};
  case ErrorCode::corrupt:
  case ErrorCode::io:
  case ErrorCode::internal:
    return {500, "1", "Internal error"};
  }
  return {500, "1", "Internal error"};
}

std::string_view code_of_status(int status) {
  switch (status) {
  case 401:
    return "40";
  case 403:
    return "50";
  case 404:
    return "60";
  case 405:
    return "61";
  case 414:
    return "20";
  case 406:
  case 415:
  case 431:
    return "26";
  case 429:
    return "53";
  default:
    return status >= 500 ? "1" : status == 400 ? "22" : "2";
  }
}

json::Object body_of(int status, std::string_view code, std::string_view reason,
                     std::string_view message) {
  json::Object body;
  body.append("@type", "Error");
  body.append("code", code);
  body.append("reason", reason);
  body.append("message", message);
  body.append("status", std::to_string(status));
  return body;
}

json::Value view_of(const Error& problem) {
  json::Object view;
  view.append("path", problem.path);
  view.append("message", problem.message);
  return view;
}

std::string sentence_of(const Error& error) {
  std::string sentence = error.path.empty() ? error.message : error.path + ": " + error.message;
  const char* separator = ": ";
  for (const Error& problem : error.problems) {
    sentence += separator;
    sentence += problem.path.empty() ? problem.message : problem.path + ' ' + problem.message;
    separator = "; ";
  }
  return sentence;
}

} // namespace

int http_status(ErrorCode code) {
  return row_of(code).status;
}

std::string_view tmf_code(ErrorCode code) {
  return row_of(code).code;
}

json::Object error_document(const Error& error) {
  const Row row = row_of(error.code);
  json::Object body = body_of(row.status, row.code, row.reason, sentence_of(error));
  json::Array problems;
  for (const Error& problem : error.problems)
    problems.push_back(view_of(problem));
  if (problems.empty() && !error.path.empty())
    problems.push_back(view_of(error));
  if (!problems.empty())
    body.append("problems", std::move(problems));
  return body;
}

std::string error_body(const Error& error) {
  return json::to_text(error_document(error));
}

std::string status_error_body(int status, std::string_view reason, std::string_view message) {
  return json::to_text(body_of(status, code_of_status(status), reason, message));
}

TransportErrorBody transport_error_body(int status, std::string_view reason,
                                        std::string_view message) {
  return {"application/json", status_error_body(status, reason, message)};
}

} // namespace diffo::tmf
