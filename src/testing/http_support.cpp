#include "testing/http_support.h"

#include <arpa/inet.h>
#include <future>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace diffo::http::test {
namespace {

Server listen(Handler handler, ServerOptions options) {
  auto server = Server::listen(std::move(options), std::move(handler));
  DIFFO_ASSERT(server.has_value());
  return std::move(server).value();
}

} // namespace

TestServer::TestServer(Handler handler, ServerOptions options)
    : server_(listen(std::move(handler), std::move(options))), thread_([this] { server_.run(); }) {}

TestServer::~TestServer() {
  server_.stop(StopMode::at_once);
  join();
}

void TestServer::join() {
  if (thread_.joinable())
    thread_.join();
}

Result<std::string> read_blocking(BodyReader& body) {
  // Shared with the callback, which may outlast this call's frame by the time it takes to set it.
  const auto promise = std::make_shared<std::promise<Result<std::string>>>();
  auto future = promise->get_future();
  body.read([promise](Result<std::string> piece) { promise->set_value(std::move(piece)); });
  return future.get();
}

std::string RawAnswer::header(std::string_view name) const {
  std::size_t start = head.find("\r\n");
  while (start != std::string::npos && start + 2 < head.size()) {
    start += 2;
    const std::size_t end = head.find("\r\n", start);
    const std::string_view line = std::string_view(head).substr(start, end - start);
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos && same_header_name(line.substr(0, colon), name))
      return std::string(line.substr(colon + 2));
    start = end;
  }
  return {};
}

RawClient::RawClient(std::uint16_t port, int receive_buffer) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  DIFFO_ASSERT(socket_ >= 0);
  const int one = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (receive_buffer > 0)
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const timeval patience{20, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int failed = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  DIFFO_ASSERT(failed == 0);
}

RawClient::~RawClient() {
  if (socket_ >= 0)
    ::close(socket_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::shutdown_send() {
  ::shutdown(socket_, SHUT_WR);
}

void RawClient::reset() {
  const linger hard{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(std::exchange(socket_, -1));
}

bool RawClient::fill() {
  char bytes[16 * 1024];
  const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count > 0) {
    buffer_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }
  ended_ = count == 0;
  return false;
}

std::optional<std::string> RawClient::take_line() {
  for (;;) {
    const std::size_t end = buffer_.find("\r\n");
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 2);
      return line;
    }
    if (!fill())
      return std::nullopt;
  }
}

bool RawClient::take_bytes(std::size_t count, std::string& out) {
  while (buffer_.size() < count)
    if (!fill())
      return false;
  out.append(buffer_, 0, count);
  buffer_.erase(0, count);
  return true;
}

bool RawClient::read_chunked(std::string& body) {
  for (;;) {
    const auto line = take_line();
    if (!line)
      return false;
    const std::size_t size = std::stoul(*line, nullptr, 16);
    if (!take_bytes(size, body) || !take_line())
      return false;
    if (size == 0)
      return true;
  }
}

RawAnswer RawClient::read_answer(std::string_view method) {
  RawAnswer answer;
  for (;;) {
    const std::size_t end = buffer_.find("\r\n\r\n");
    if (end != std::string::npos) {
      answer.head = buffer_.substr(0, end + 2);
      buffer_.erase(0, end + 4);
      break;
    }
    if (!fill())
      return {};
  }
  const int status = std::stoi(answer.head.substr(9, 3));
  bool complete = true;
  if (method == "HEAD" || status == 204 || status == 304 || status == 100)
    complete = true;
  else if (answer.header("Transfer-Encoding") == "chunked")
    complete = read_chunked(answer.body);
  else if (const std::string length = answer.header("Content-Length"); !length.empty())
    complete = take_bytes(std::stoul(length), answer.body);
  else
    answer.body = read_to_end();
  answer.status = complete ? status : 0;
  return answer;
}

std::string RawClient::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

std::string RawClient::read_some(std::size_t count) {
  while (buffer_.size() < count && fill()) {
  }
  return std::exchange(buffer_, {});
}

} // namespace diffo::http::test
