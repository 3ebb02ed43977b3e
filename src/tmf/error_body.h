#pragma once

#include <diffo/json.h>
#include <diffo/result.h>

#include <string>
#include <string_view>
#include <utility>

/// The one place that says how an Error looks to a client (tmf.md §1.6, wire.md §11).
namespace diffo::tmf {

/// The HTTP status of an error.
int http_status(ErrorCode code);

/// The TM Forum code of an error, a number in text.
std::string_view tmf_code(ErrorCode code);

/// `{"code","reason","message","status","@type":"Error"}`, and `problems` (pointer and message of
/// each) when there are several or the one has a path.
json::Object error_document(const Error& error);
/// The same as text.
std::string error_body(const Error& error);

/// The body for an error that has a status but no ErrorCode: an unknown path, a wrong method.
/// `reason` is the status' phrase.
std::string status_error_body(int status, std::string_view reason, std::string_view message);

/// A body with its media type, which turns into whatever pair of texts a transport wants.
struct TransportErrorBody {
  std::string content_type;
  std::string body;
  template <typename Body> operator Body() && {
    return Body{std::move(content_type), std::move(body)};
  }
};

/// status_error_body for the transport's own errors.
TransportErrorBody transport_error_body(int status, std::string_view reason,
                                        std::string_view message);

} // namespace diffo::tmf
