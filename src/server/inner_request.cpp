#include "server/inner_request.h"

#include <future>

namespace diffo::server {

http::Response ask(http::Router& router, const InnerRequest& asked) {
  std::vector<http::Header> headers;
  headers.reserve(asked.headers.size());
  for (const auto& [name, value] : asked.headers)
    headers.push_back({name, value});
  std::promise<http::Response> answered;
  http::Request request;
  request.method = asked.method;
  request.method_token = http::name_of(asked.method);
  request.target = asked.path;
  request.path = asked.path;
  request.authority = "localhost";
  request.headers = headers;
  request.body = asked.body;
  request.has_body = !asked.body.empty();
  router.handle(std::move(request), http::Responder::to([&answered](http::Response response) {
                  answered.set_value(std::move(response));
                }));
  return answered.get_future().get();
}

} // namespace diffo::server
