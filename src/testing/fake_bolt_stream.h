#pragma once

#include <diffo/bolt_error.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace diffo::bolt::fake {

/// A certificate made on the spot, as PEM files in a folder of its own.
struct Certificates {
  std::string ca_file{};     ///< the authority that signed
  std::string certificate{}; ///< of the server
  std::string key{};
  std::string client_ca{}; ///< set: clients must show a certificate that this authority signed
};

/// Makes an authority and a certificate for that host name in an existing folder.
Outcome<Certificates> make_certificates(const std::string& folder, const std::string& host);

/// The server's end of a connection. One thread, except `abort`.
class Stream {
public:
  virtual ~Stream() = default;
  /// 0 at the end, and when the peer is silent for longer than any test should take.
  virtual std::size_t read(char* buffer, std::size_t size) = 0;
  /// False when the peer is gone.
  virtual bool write(std::string_view bytes) = 0;
  /// Ends in order.
  virtual void close() = 0;
  /// Closes our direction of the TCP connection only, without any farewell of TLS.
  virtual void half_close() = 0;
  /// Ends with a TCP reset, as a killed process does.
  virtual void reset() = 0;
  /// From any thread: makes a blocked read return.
  virtual void abort() = 0;
};

std::unique_ptr<Stream> make_plain_stream(int descriptor);
/// Runs the server's TLS handshake; null when the client does not go along.
std::unique_ptr<Stream> make_tls_stream(int descriptor, const Certificates& certificates);

} // namespace diffo::bolt::fake
