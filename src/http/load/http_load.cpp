// A closed-loop HTTP/1.1 load generator: N keep-alive connections on one thread, each sending its
// next request when the last answer is complete. Prints one JSON object. See src/http/README.md.

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <random>
#include <sched.h>
#include <sstream>
#include <string>
#include <string_view>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* usage = R"(http_load --port N [options]
  --host A          numeric address (127.0.0.1)
  --connections N   (32)
  --duration S      seconds to measure (5); or
  --count N         requests to measure
  --warmup S        seconds before measuring (1; 0 with --count)
  --method M        (GET)        --target T  (/)        --body TEXT
  --requests FILE   one request per line: METHOD TARGET [BODY]; sent in turn, instead of the three above
  --header "N: V"   repeatable   --type T    Content-Type of requests with a body (application/json)
  --cpu N           pin to a processor       --pid N    report that process's CPU time per request
In targets and bodies {seq} becomes a running number and {uuid} a random UUID.
)";

struct Template {
  std::string method;
  std::string target;
  std::string body;
};

struct Options {
  std::string host = "127.0.0.1";
  int port = 0;
  int connections = 32;
  double duration = 5;
  double warmup = -1;
  std::uint64_t count = 0;
  std::vector<Template> requests;
  std::vector<std::string> headers;
  std::string type = "application/json";
  int cpu = -1;
  int pid = 0;
};

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "http_load: %s\n%s", why.c_str(), usage);
  std::exit(2); // NOLINT(concurrency-mt-unsafe): before any thread
}

void read_requests(const std::string& path, std::vector<Template>& requests) {
  std::ifstream file(path);
  if (!file)
    fail("cannot read " + path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    Template one;
    if (!(words >> one.method >> one.target))
      continue;
    words >> std::ws;
    std::getline(words, one.body);
    requests.push_back(std::move(one));
  }
}

Options parse(int argument_count, char** arguments) {
  Options options;
  Template single{"GET", "/", ""};
  for (int index = 1; index < argument_count; ++index) {
    const std::string name = arguments[index];
    if (index + 1 == argument_count)
      fail(name + " needs a value");
    const std::string value = arguments[++index];
    if (name == "--host")
      options.host = value;
    else if (name == "--port")
      options.port = std::atoi(value.c_str());
    else if (name == "--connections")
      options.connections = std::atoi(value.c_str());
    else if (name == "--duration")
      options.duration = std::atof(value.c_str());
    else if (name == "--warmup")
      options.warmup = std::atof(value.c_str());
    else if (name == "--count")
      options.count = std::strtoull(value.c_str(), nullptr, 10);
    else if (name == "--method")
      single.method = value;
    else if (name == "--target")
      single.target = value;
    else if (name == "--body")
      single.body = value;
    else if (name == "--requests")
      read_requests(value, options.requests);
    else if (name == "--header")
      options.headers.push_back(value);
    else if (name == "--type")
      options.type = value;
    else if (name == "--cpu")
      options.cpu = std::atoi(value.c_str());
    else if (name == "--pid")
      options.pid = std::atoi(value.c_str());
    else
      fail("unknown option " + name);
  }
  if (options.port <= 0 || options.connections <= 0)
    fail("--port is missing or a number is wrong");
  if (options.requests.empty())
    options.requests.push_back(single);
  if (options.warmup < 0)
    options.warmup = options.count > 0 ? 0 : 1;
  return options;
}

/// User and system time of a process in microseconds, from /proc/PID/stat.
double cpu_microseconds(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t end = text.rfind(')');
  if (end == std::string::npos)
    return 0;
  std::istringstream fields(text.substr(end + 2));
  std::string skipped;
  for (int count = 0; count < 11; ++count)
    fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) * 1e6 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

/// Makes the next request's bytes.
class Generator {
public:
  explicit Generator(const Options& options) : options_(options) {
    for (const std::string& header : options.headers)
      headers_ += header + "\r\n";
  }

  void next(std::string& out, bool& is_head) {
    const Template& one = options_.requests[sequence_ % options_.requests.size()];
    ++sequence_;
    is_head = one.method == "HEAD";
    body_.clear();
    expand(one.body, body_);
    out.assign(one.method).append(" ");
    expand(one.target, out);
    out.append(" HTTP/1.1\r\nHost: ").append(options_.host).append("\r\n").append(headers_);
    if (!body_.empty() || one.method == "POST" || one.method == "PATCH" || one.method == "PUT") {
      out.append("Content-Type: ").append(options_.type);
      out.append("\r\nContent-Length: ").append(std::to_string(body_.size())).append("\r\n");
    }
    out.append("\r\n").append(body_);
  }

private:
  void expand(std::string_view text, std::string& out) {
    for (;;) {
      const std::size_t mark = text.find('{');
      out.append(text.substr(0, mark));
      if (mark == std::string_view::npos)
        return;
      text.remove_prefix(mark);
      if (text.starts_with("{seq}")) {
        out.append(std::to_string(sequence_));
        text.remove_prefix(5);
      } else if (text.starts_with("{uuid}")) {
        append_uuid(out);
        text.remove_prefix(6);
      } else {
        out += '{';
        text.remove_prefix(1);
      }
    }
  }
  void append_uuid(std::string& out) {
    char text[37];
    const std::uint64_t high = (random_() & ~0xf000ULL) | 0x4000ULL;
    const std::uint64_t low = (random_() >> 2) | (1ULL << 63);
    std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%012llx",
                  static_cast<unsigned>(high >> 32), static_cast<unsigned>((high >> 16) & 0xffff),
                  static_cast<unsigned>(high & 0xffff), static_cast<unsigned>(low >> 48),
                  static_cast<unsigned long long>(low & 0xffffffffffffULL));
    out += text;
  }

  const Options& options_;
  std::string headers_;
  std::string body_;
  std::uint64_t sequence_ = 0;
  std::mt19937_64 random_{std::random_device{}()};
};

struct Peer {
  int socket = -1;
  std::string out;
  std::size_t sent = 0;
  std::string in;
  bool is_head = false;
  Clock::time_point started;
};

/// The answer at the front of the bytes, if it is complete.
struct Answer {
  int status = 0;
  std::size_t size = 0;
  bool closes = false;
};

std::string_view header_of(std::string_view head, std::string_view name) {
  std::size_t at = head.find("\r\n");
  while (at != std::string_view::npos && at + 2 < head.size()) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() > name.size() + 1 && line[name.size()] == ':' &&
        ::strncasecmp(line.data(), name.data(), name.size()) == 0) {
      const std::size_t start = line.find_first_not_of(' ', name.size() + 1);
      return start == std::string_view::npos ? std::string_view() : line.substr(start);
    }
    at = head.find("\r\n", at + 2);
  }
  return {};
}

std::optional<Answer> read_answer(std::string_view bytes, bool is_head) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return std::nullopt;
  const std::string_view head = bytes.substr(0, end + 2);
  Answer answer{std::atoi(head.data() + 9), end + 4, header_of(head, "connection") == "close"};
  if (is_head || answer.status == 204 || answer.status == 304)
    return answer;
  if (header_of(head, "transfer-encoding") == "chunked") {
    for (;;) {
      const std::size_t line = bytes.find("\r\n", answer.size);
      if (line == std::string_view::npos)
        return std::nullopt;
      std::size_t size = 0;
      std::from_chars(bytes.data() + answer.size, bytes.data() + line, size, 16);
      answer.size = line + 2 + size + 2;
      if (answer.size > bytes.size())
        return std::nullopt;
      if (size == 0)
        return answer;
    }
  }
  const std::string_view length = header_of(head, "content-length");
  std::size_t size = 0;
  std::from_chars(length.data(), length.data() + length.size(), size);
  answer.size += size;
  return answer.size <= bytes.size() ? std::optional(answer) : std::nullopt;
}

class Load {
public:
  explicit Load(const Options& options)
      : options_(options), generator_(options),
        peers_(static_cast<std::size_t>(options.connections)) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  }
  int run();

private:
  bool connect(std::size_t index);
  void reconnect(std::size_t index);
  void send_next(Peer& peer);
  void flush(Peer& peer);
  void on_ready(std::size_t index);
  bool take_answers(Peer& peer);
  void report(double seconds, double cpu) const;

  const Options& options_;
  Generator generator_;
  std::vector<Peer> peers_;
  int epoll_ = -1;
  bool measuring_ = false;
  std::uint64_t done_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t broken_ = 0;
  std::map<int, std::uint64_t> statuses_;
  std::vector<std::uint32_t> latencies_; // microseconds
};

bool Load::connect(std::size_t index) {
  Peer& peer = peers_[index];
  peer.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
  if (::inet_pton(AF_INET, options_.host.c_str(), &address.sin_addr) != 1 ||
      ::connect(peer.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return false;
  const int one = 1;
  ::setsockopt(peer.socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLET;
  event.data.u64 = index;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, peer.socket, &event);
  send_next(peer);
  return true;
}

void Load::reconnect(std::size_t index) {
  ::close(peers_[index].socket);
  peers_[index].in.clear();
  if (!connect(index)) {
    std::fprintf(stderr, "http_load: the server is gone\n");
    std::exit(1); // NOLINT(concurrency-mt-unsafe): before any thread
  }
}

void Load::send_next(Peer& peer) {
  generator_.next(peer.out, peer.is_head);
  peer.sent = 0;
  peer.started = Clock::now();
  flush(peer);
}

void Load::flush(Peer& peer) {
  while (peer.sent < peer.out.size()) {
    const auto sent = ::send(peer.socket, peer.out.data() + peer.sent, peer.out.size() - peer.sent,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0)
      return;
    peer.sent += static_cast<std::size_t>(sent);
  }
}

/// False when the server wants the connection closed.
bool Load::take_answers(Peer& peer) {
  const auto answer = read_answer(peer.in, peer.is_head);
  if (!answer)
    return true;
  if (measuring_) {
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - peer.started);
    latencies_.push_back(static_cast<std::uint32_t>(took.count()));
    ++statuses_[answer->status];
    ++done_;
    bytes_ += answer->size;
  }
  peer.in.erase(0, answer->size);
  if (answer->closes)
    return false;
  send_next(peer);
  return true;
}

void Load::on_ready(std::size_t index) {
  Peer& peer = peers_[index];
  flush(peer);
  char bytes[64 * 1024];
  for (;;) {
    const auto count = ::recv(peer.socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count > 0) {
      peer.in.append(bytes, static_cast<std::size_t>(count));
      if (!take_answers(peer))
        return reconnect(index);
      if (static_cast<std::size_t>(count) < sizeof bytes)
        return; // edge-triggered: what comes later raises a new event
      continue;
    }
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    broken_ += measuring_ ? 1 : 0;
    return reconnect(index);
  }
}

void Load::report(double seconds, double cpu) const {
  std::vector<std::uint32_t> sorted = latencies_;
  std::sort(sorted.begin(), sorted.end());
  const auto percentile = [&sorted](double part) -> std::uint32_t {
    if (sorted.empty())
      return 0;
    const auto index = static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1));
    return sorted[index];
  };
  const auto requests = static_cast<double>(std::max<std::uint64_t>(done_, 1));
  std::printf("{\"requests\":%llu,\"seconds\":%.3f,\"rps\":%.0f,\"bytes\":%llu,\"broken\":%llu,",
              static_cast<unsigned long long>(done_), seconds, static_cast<double>(done_) / seconds,
              static_cast<unsigned long long>(bytes_), static_cast<unsigned long long>(broken_));
  std::printf("\"latency_us\":{\"p50\":%u,\"p90\":%u,\"p99\":%u,\"p999\":%u,\"max\":%u},",
              percentile(0.5), percentile(0.9), percentile(0.99), percentile(0.999), percentile(1));
  if (options_.pid > 0)
    std::printf("\"server_cpu_us_per_request\":%.2f,", cpu / requests);
  std::printf("\"statuses\":{");
  const char* separator = "";
  for (const auto& [status, count] : statuses_) {
    std::printf("%s\"%d\":%llu", separator, status, static_cast<unsigned long long>(count));
    separator = ",";
  }
  std::printf("}}\n");
}

int Load::run() {
  for (std::size_t index = 0; index < peers_.size(); ++index)
    if (!connect(index))
      fail("cannot connect to " + options_.host + ":" + std::to_string(options_.port));
  const auto seconds = [](double count) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(count));
  };
  Clock::time_point begin = Clock::now() + seconds(options_.warmup);
  double cpu = 0;
  epoll_event events[256];
  for (;;) {
    const auto now = Clock::now();
    if (!measuring_ && now >= begin) {
      measuring_ = true;
      begin = now;
      cpu = cpu_microseconds(options_.pid);
    }
    if (measuring_ &&
        (options_.count > 0 ? done_ >= options_.count : now >= begin + seconds(options_.duration)))
      break;
    const int ready = ::epoll_wait(epoll_, events, 256, 100);
    for (int index = 0; index < ready; ++index)
      on_ready(events[index].data.u64);
  }
  const std::chrono::duration<double> took = Clock::now() - begin;
  report(took.count(), cpu_microseconds(options_.pid) - cpu);
  return 0;
}

} // namespace

int main(int argument_count, char** arguments) {
  const Options options = parse(argument_count, arguments);
  if (options.cpu >= 0) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(options.cpu, &cpus);
    sched_setaffinity(0, sizeof cpus, &cpus);
  }
  return Load(options).run();
}
