#include "testing/fake_bolt_server.h"

#include "bolt/chunk.h"
#include "bolt/handshake.h"

#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace diffo::bolt::fake {

namespace {

// No test waits for longer than this; a client that hangs shows as a problem and not as a hanging
// test.
constexpr timeval patience{20, 0};

struct Offer {
  bool manifest = false;
  std::vector<std::pair<Version, std::uint8_t>> ranges;
  bool covers(Version version) const {
    for (const auto& [newest, range] : ranges)
      if (newest.major == version.major && version.minor <= newest.minor &&
          version.minor + range >= newest.minor)
        return true;
    return false;
  }
};

Outcome<std::pair<Version, std::uint8_t>> read_range(std::string_view text) {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned range = 0;
  const char* end = text.data() + text.size();
  const char* at = std::from_chars(text.data(), end, major).ptr;
  if (at == end || *at != '.')
    return make_failure(FailureKind::usage, "a version was expected: " + std::string(text));
  at = std::from_chars(at + 1, end, minor).ptr;
  if (at != end)
    std::from_chars(at + 1, end, range);
  return std::pair{Version{static_cast<std::uint8_t>(major), static_cast<std::uint8_t>(minor)},
                   static_cast<std::uint8_t>(range)};
}

} // namespace

/// Plays one conversation. One thread.
class Player {
public:
  Player(Server& server, Stream& stream, const Script::Conversation& conversation)
      : server_(server), stream_(stream), conversation_(conversation) {}

  void play() {
    for (const Step& step : conversation_.steps) {
      step_ = &step;
      if (!take(step))
        return;
      if (step.kind == Step::Kind::close || step.kind == Step::Kind::reset)
        return;
    }
    // Afterwards a client may only take its leave.
    Signature signature{};
    List values;
    if (receive(signature, values) && signature != Signature::goodbye)
      problem("came after the end: " + std::string(name_of(signature)));
  }

private:
  bool problem(const std::string& what) {
    server_.note_problem("line " + std::to_string(step_ == nullptr ? 0 : step_->line) + ": " +
                         what);
    return false;
  }

  bool take(const Step& step) {
    switch (step.kind) {
    case Step::Kind::handshake:
      return shake_hands(step.text);
    case Step::Kind::expect:
      return expect(step);
    case Step::Kind::send:
      return send(step);
    case Step::Kind::noop:
      return write(std::string(2, '\0'));
    case Step::Kind::raw:
      return write(step.text);
    case Step::Kind::chunks:
      chunk_size_ = step.size;
      return true;
    case Step::Kind::pieces:
      piece_size_ = step.size;
      return true;
    case Step::Kind::flood: {
      std::string block;
      while (block.size() < 65536)
        block += step.text;
      while (write(block)) {
      }
      return false;
    }
    case Step::Kind::half_close:
      stream_.half_close();
      return true;
    case Step::Kind::close:
      stream_.close();
      return true;
    case Step::Kind::reset:
      stream_.reset();
      return true;
    }
    return false;
  }

  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, piece_size_);
      if (!stream_.write(piece))
        return false;
      bytes.remove_prefix(piece.size());
    }
    return true;
  }

  bool read_exactly(std::string& out, std::size_t size) {
    out.clear();
    char byte = 0;
    while (out.size() < size) {
      if (stream_.read(&byte, 1) == 0)
        return false;
      out.push_back(byte);
    }
    return true;
  }

  bool shake_hands(std::string_view answer) {
    std::string offered;
    if (!read_exactly(offered, 20) || offered.substr(0, 4) != bolt_magic)
      return problem("no handshake came");
    Offer offer;
    for (std::size_t at = 4; at < 20; at += 4) {
      if (offered.substr(at, 4) == std::string_view("\x00\x00\x01\xFF", 4))
        offer.manifest = true;
      else
        offer.ranges.push_back({{static_cast<std::uint8_t>(offered[at + 3]),
                                 static_cast<std::uint8_t>(offered[at + 2])},
                                static_cast<std::uint8_t>(offered[at + 1])});
    }
    if (answer.starts_with("raw "))
      return write(*read_hex(answer.substr(4)));
    if (answer.starts_with("manifest "))
      return offer.manifest ? manifest(answer.substr(9))
                            : problem("the client offered no manifest");
    const Outcome<std::pair<Version, std::uint8_t>> chosen = read_range(answer);
    if (!chosen)
      return problem(chosen.error().message);
    version_ = chosen->first;
    if (!offer.covers(version_))
      return problem("the client did not offer " + to_text(version_));
    return write(std::string{'\0', '\0', static_cast<char>(version_.minor),
                             static_cast<char>(version_.major)});
  }

  bool manifest(std::string_view ranges) {
    std::string out("\x00\x00\x01\xFF", 4);
    std::string list;
    std::uint64_t count = 0;
    while (!ranges.empty()) {
      const std::size_t end = std::min(ranges.find(' '), ranges.size());
      const Outcome<std::pair<Version, std::uint8_t>> range = read_range(ranges.substr(0, end));
      if (!range)
        return problem(range.error().message);
      ranges.remove_prefix(std::min(ranges.size(), end + 1));
      list += {'\0', static_cast<char>(range->second), static_cast<char>(range->first.minor),
               static_cast<char>(range->first.major)};
      ++count;
    }
    append_varint(out, count);
    out += list;
    append_varint(out, 0);
    std::string choice;
    // The capabilities that follow the choice are one byte, 0.
    if (!write(out) || !read_exactly(choice, 5) || choice[0] != 0 || choice[1] != 0 ||
        choice[4] != 0)
      return problem("the client did not choose from the manifest");
    version_ = {static_cast<std::uint8_t>(choice[3]), static_cast<std::uint8_t>(choice[2])};
    return true;
  }

  bool receive(Signature& signature, List& values) {
    std::string_view message;
    while (true) {
      const ChunkReader::Status status = reader_.next(message);
      if (status == ChunkReader::Status::message)
        break;
      char buffer[4096];
      const std::size_t got =
          status == ChunkReader::Status::failed ? 0 : stream_.read(buffer, sizeof buffer);
      if (got == 0)
        return false;
      reader_.append(std::string_view(buffer, got));
    }
    Unpacker unpacker(message, version_);
    std::size_t fields = 0;
    std::uint8_t tag = 0;
    if (!unpacker.structure_header(fields, tag))
      return problem(unpacker.failure().message);
    signature = static_cast<Signature>(tag);
    values.clear();
    for (std::size_t i = 0; i < fields; ++i)
      if (!unpacker.value(values.emplace_back()))
        return problem(unpacker.failure().message);
    server_.note_message(std::string(name_of(signature)));
    return true;
  }

  bool expect(const Step& step) {
    Signature signature{};
    List values;
    if (!receive(signature, values))
      return problem("the client left; expected " + std::string(name_of(step.signature)));
    if (signature == step.signature && matches(step.values, values))
      return true;
    std::string text(name_of(signature));
    for (const Value& value : values)
      text += " " + to_text(value);
    return problem("expected another message than " + text);
  }

  bool send(const Step& step) {
    std::string message;
    Packer packer(message);
    packer.structure_header(step.values.size(), static_cast<std::uint8_t>(step.signature));
    for (const Value& value : step.values)
      if (const Outcome<void> packed = pack(packer, value, version_, GraphValues::allow); !packed)
        return problem(packed.error().message);
    std::string framed;
    append_message(framed, message, chunk_size_);
    return write(framed) ||
           problem("the client left before " + std::string(name_of(step.signature)));
  }

  Server& server_;
  Stream& stream_;
  const Script::Conversation& conversation_;
  const Step* step_ = nullptr;
  Version version_ = bolt_5_8;
  ChunkReader reader_;
  std::size_t chunk_size_ = 0xFFFF;
  std::size_t piece_size_ = SIZE_MAX;
};

Outcome<std::unique_ptr<Server>> Server::open(Options options) {
  std::unique_ptr<Server> server(new Server(std::move(options)));
  TRY(server->listen());
  return server;
}

void Server::play(Script script) {
  script_ = std::move(script);
  acceptor_ = std::thread([this] { accept_all(); });
}

Outcome<void> Server::listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  (void)setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options_.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return make_failure(FailureKind::usage, "the fake server cannot listen");
  port_ = ntohs(address.sin_port);
  return {};
}

const Script::Conversation* Server::conversation(std::size_t number) const {
  if (number < script_.conversations.size())
    return &script_.conversations[number];
  return script_.conversations.back().every ? &script_.conversations.back() : nullptr;
}

void Server::accept_all() {
  for (std::size_t number = 0;; ++number) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (descriptor < 0 || stopping_) {
      if (descriptor >= 0)
        ::close(descriptor);
      return;
    }
    (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const int on = 1;
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    threads_.emplace_back([this, descriptor, number] { serve(descriptor, number); });
  }
}

void Server::serve(int descriptor, std::size_t number) {
  const Script::Conversation* script = conversation(number);
  std::unique_ptr<Stream> stream = options_.tls.certificate.empty()
                                       ? make_plain_stream(descriptor)
                                       : make_tls_stream(descriptor, options_.tls);
  if (stream && script != nullptr) {
    {
      const std::lock_guard lock(mutex_);
      streams_.push_back(stream.get());
      if (stopping_)
        stream->abort();
    }
    Player(*this, *stream, *script).play();
    const std::lock_guard lock(mutex_);
    streams_.remove(stream.get());
  } else if (script == nullptr) {
    note_problem("a connection came that the script does not know");
  }
  stream.reset();
  const std::lock_guard lock(mutex_);
  ++ended_;
  ended_changed_.notify_all();
}

void Server::note_problem(std::string problem) {
  const std::lock_guard lock(mutex_);
  if (!stopping_)
    problems_.push_back(std::move(problem));
}

void Server::note_message(std::string name) {
  const std::lock_guard lock(mutex_);
  received_.push_back(std::move(name));
}

std::vector<std::string> Server::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

void Server::await_ended(std::size_t count) {
  std::unique_lock lock(mutex_);
  ended_changed_.wait_for(lock, std::chrono::seconds(patience.tv_sec),
                          [&] { return ended_ >= count; });
}

std::vector<std::string> Server::finish() {
  std::size_t expected = 0;
  for (const Script::Conversation& each : script_.conversations)
    expected += each.every ? 0 : 1;
  await_ended(expected);
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out = problems_;
  if (ended_ < expected)
    out.push_back("only " + std::to_string(ended_) + " of " + std::to_string(expected) +
                  " conversations took place");
  return out;
}

Server::~Server() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (Stream* stream : streams_)
      stream->abort();
  }
  ::shutdown(listener_, SHUT_RDWR);
  if (acceptor_.joinable())
    acceptor_.join();
  for (std::thread& thread : threads_)
    thread.join();
  ::close(listener_);
}

} // namespace diffo::bolt::fake
