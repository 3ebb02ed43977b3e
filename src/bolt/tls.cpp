#include "bolt/transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <cerrno>
#include <sys/socket.h>

namespace diffo::bolt {

namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};
using ContextPointer = std::unique_ptr<SSL_CTX, FreeContext>;
using SessionPointer = std::unique_ptr<SSL, FreeSession>;

// The reasons that OpenSSL queued for this thread, newest last; the queue is empty afterwards.
std::string queued_reasons() {
  std::string out;
  while (const unsigned long error = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(error);
    if (!out.empty())
      out += ", ";
    out += reason == nullptr ? "error " + std::to_string(error) : std::string(reason);
  }
  return out.empty() ? "the connection was closed" : out;
}

Failure tls_failure(const std::string& what) {
  return make_failure(FailureKind::service_unavailable, "TLS: " + what);
}

bool is_ip_address(const std::string& host) {
  unsigned char buffer[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), buffer) == 1 ||
         inet_pton(AF_INET6, host.c_str(), buffer) == 1;
}

int descriptor_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent =
      ::send(descriptor_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && would_block())
    BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(descriptor_of(bio), data, static_cast<std::size_t>(size), 0);
  if (got < 0 && would_block())
    BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

long bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// OpenSSL's own socket BIO raises SIGPIPE when the peer is gone, which is not a library's business
// to mask.
BIO* make_socket_bio(int descriptor) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  BIO* bio = BIO_new(method);
  if (bio != nullptr) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the only room a BIO has for our own
    BIO_set_data(bio, reinterpret_cast<void*>(std::intptr_t{descriptor}));
    BIO_set_init(bio, 1);
  }
  return bio;
}

class TlsTransport final : public Transport {
public:
  TlsTransport(Socket socket, SessionPointer session)
      : socket_(std::move(socket)), session_(std::move(session)) {}

  Outcome<void> handshake(Deadline deadline) {
    while (true) {
      ERR_clear_error();
      const int result = SSL_connect(session_.get());
      if (result == 1)
        return {};
      const int error = SSL_get_error(session_.get(), result);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        return refused();
      TRY(await(error, deadline));
    }
  }

  Outcome<void> send(std::string_view bytes, Deadline deadline) override {
    while (!bytes.empty()) {
      ERR_clear_error();
      std::size_t sent = 0;
      if (SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &sent) == 1) {
        bytes.remove_prefix(sent);
        continue;
      }
      const int error = SSL_get_error(session_.get(), 0);
      if (error == SSL_ERROR_WANT_READ) {
        TRY(await(error, deadline));
      } else if (error == SSL_ERROR_WANT_WRITE) {
        const bool room = early_.size() < max_early_bytes;
        const Socket::Wait ready =
            TRY(socket_.wait(room ? Socket::Wait::either : Socket::Wait::writable, deadline));
        if (ready == Socket::Wait::readable)
          TRY(keep_early());
      } else {
        return tls_failure("cannot send: " + queued_reasons());
      }
    }
    return {};
  }

  Outcome<std::size_t> receive(char* buffer, std::size_t size, Deadline deadline) override {
    if (!early_.empty()) {
      const std::size_t count = early_.copy(buffer, size);
      early_.erase(0, count);
      return count;
    }
    while (true) {
      std::size_t got = 0;
      const int error = read_once(buffer, size, got);
      if (error == SSL_ERROR_NONE)
        return got;
      if (error == SSL_ERROR_ZERO_RETURN)
        return std::size_t{0};
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        return tls_failure("cannot receive: " + queued_reasons());
      TRY(await(error, deadline));
    }
  }

  void close() override {
    // One-sided: we do not wait for the other side's farewell.
    if (socket_.descriptor() >= 0 && SSL_is_init_finished(session_.get()))
      (void)SSL_shutdown(session_.get());
    ERR_clear_error();
    socket_.close();
  }

private:
  int read_once(char* buffer, std::size_t size, std::size_t& got) {
    ERR_clear_error();
    if (SSL_read_ex(session_.get(), buffer, size, &got) == 1)
      return SSL_ERROR_NONE;
    return SSL_get_error(session_.get(), 0);
  }

  Outcome<void> keep_early() {
    char buffer[16384];
    std::size_t got = 0;
    const int error = read_once(buffer, sizeof buffer, got);
    if (error == SSL_ERROR_NONE)
      early_.append(buffer, got);
    else if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
      return tls_failure("the connection was lost: " + queued_reasons());
    return {};
  }

  Outcome<void> await(int error, Deadline deadline) {
    TRY(socket_.wait(
        error == SSL_ERROR_WANT_WRITE ? Socket::Wait::writable : Socket::Wait::readable, deadline));
    return {};
  }

  Failure refused() {
    const long verdict = SSL_get_verify_result(session_.get());
    const std::string reasons = queued_reasons();
    if (verdict != X509_V_OK) {
      Failure failure = make_failure(FailureKind::configuration,
                                     "TLS: the server's certificate is not trusted: " +
                                         std::string(X509_verify_cert_error_string(verdict)));
      failure.code = ErrorCode::unauthenticated;
      return failure;
    }
    return tls_failure("the handshake failed: " + reasons);
  }

  Socket socket_;
  SessionPointer session_;
  std::string early_;
};

/// A file of both may hold the key, too.
const std::string& key_file(const TlsOptions& options) {
  return options.client_key.empty() ? options.client_certificate : options.client_key;
}

class OpensslContext final : public TlsContext {
public:
  OpensslContext(ContextPointer context, Encryption encryption, const TlsOptions& options)
      : context_(std::move(context)), encryption_(encryption), server_name_(options.server_name),
        certificate_(options.client_certificate), key_(key_file(options)) {}

  Outcome<std::unique_ptr<Transport>> connect(Socket socket, const std::string& host,
                                              Deadline deadline) override {
    SessionPointer session(SSL_new(context_.get()));
    BIO* bio = make_socket_bio(socket.descriptor());
    if (!session || bio == nullptr) {
      BIO_free(bio);
      return tls_failure(queued_reasons());
    }
    // Read anew, for it may have been replaced by the next one.
    if (!certificate_.empty() &&
        (SSL_use_certificate_chain_file(session.get(), certificate_.c_str()) != 1 ||
         SSL_use_PrivateKey_file(session.get(), key_.c_str(), SSL_FILETYPE_PEM) != 1 ||
         SSL_check_private_key(session.get()) != 1)) {
      BIO_free(bio);
      return tls_failure("cannot use the client certificate " + certificate_ + ": " +
                         queued_reasons());
    }
    SSL_set_bio(session.get(), bio, bio);
    const std::string& name = server_name_.empty() ? host : server_name_;
    const bool is_ip = is_ip_address(name);
    // RFC 6066 §3: the server name indication is never an address.
    if (!is_ip)
      SSL_set_tlsext_host_name(session.get(), name.c_str());
    if (encryption_ == Encryption::verified) {
      X509_VERIFY_PARAM* parameters = SSL_get0_param(session.get());
      const int set = is_ip ? X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str())
                            : X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
      if (set != 1)
        return tls_failure("cannot verify the host name " + name);
    }
    auto transport = std::make_unique<TlsTransport>(std::move(socket), std::move(session));
    TRY(transport->handshake(deadline));
    return std::unique_ptr<Transport>(std::move(transport));
  }

private:
  ContextPointer context_;
  Encryption encryption_;
  std::string server_name_;
  std::string certificate_; ///< of the client; empty: none
  std::string key_;
};

Failure bad_configuration(const std::string& what) {
  return make_failure(FailureKind::configuration, "TLS: " + what + ": " + queued_reasons());
}

} // namespace

Outcome<std::unique_ptr<TlsContext>> make_tls_context(Encryption encryption,
                                                      const TlsOptions& options) {
  DIFFO_ASSERT(encryption != Encryption::by_scheme);
  ContextPointer context(SSL_CTX_new(TLS_client_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1)
    return bad_configuration("cannot start");
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (encryption == Encryption::verified) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const int trusted =
        options.ca_file.empty()
            ? SSL_CTX_set_default_verify_paths(context.get())
            : SSL_CTX_load_verify_locations(context.get(), options.ca_file.c_str(), nullptr);
    if (trusted != 1)
      return bad_configuration("cannot read the authorities " + options.ca_file);
  } else {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  }
  if (!options.client_certificate.empty()) {
    if (SSL_CTX_use_certificate_chain_file(context.get(), options.client_certificate.c_str()) !=
            1 ||
        SSL_CTX_use_PrivateKey_file(context.get(), key_file(options).c_str(), SSL_FILETYPE_PEM) !=
            1 ||
        SSL_CTX_check_private_key(context.get()) != 1)
      return bad_configuration("cannot use the client certificate " + options.client_certificate);
  }
  return std::unique_ptr<TlsContext>(
      std::make_unique<OpensslContext>(std::move(context), encryption, options));
}

} // namespace diffo::bolt
