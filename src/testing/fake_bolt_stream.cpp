#include "testing/fake_bolt_stream.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <csignal>
#include <cstdio>
#include <sys/socket.h>
#include <unistd.h>

namespace diffo::bolt::fake {

namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using File = std::unique_ptr<std::FILE, Free>;

void add_extension(X509* certificate, X509* issuer, int id, const std::string& text) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, text.c_str());
  if (extension == nullptr)
    return;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate make_certificate(EVP_PKEY* key, const std::string& name, X509* issuer,
                             EVP_PKEY* issuer_key) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86400);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509* signer = issuer == nullptr ? certificate.get() : issuer;
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  if (issuer == nullptr)
    add_extension(certificate.get(), signer, NID_basic_constraints, "critical,CA:TRUE");
  else
    add_extension(certificate.get(), signer, NID_subject_alt_name, "DNS:" + name);
  X509_sign(certificate.get(), issuer_key, EVP_sha256());
  return certificate;
}

class PlainStream final : public Stream {
public:
  explicit PlainStream(int descriptor) : descriptor_(descriptor) {}
  ~PlainStream() override { ::close(descriptor_); }
  PlainStream(const PlainStream&) = delete;
  PlainStream& operator=(const PlainStream&) = delete;

  std::size_t read(char* buffer, std::size_t size) override {
    const ssize_t got = ::recv(descriptor_, buffer, size, 0);
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  bool write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0)
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void close() override { ::shutdown(descriptor_, SHUT_RDWR); }
  void half_close() override { ::shutdown(descriptor_, SHUT_WR); }
  void reset() override {
    const linger hard{1, 0};
    (void)setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }
  void abort() override { ::shutdown(descriptor_, SHUT_RDWR); }

private:
  int descriptor_;
};

class TlsStream final : public Stream {
public:
  TlsStream(int descriptor, std::unique_ptr<SSL_CTX, Free> context)
      : plain_(descriptor), context_(std::move(context)), session_(SSL_new(context_.get())) {
    SSL_set_fd(session_.get(), descriptor);
  }
  bool accept() { return SSL_accept(session_.get()) == 1; }
  std::size_t read(char* buffer, std::size_t size) override {
    const int got = SSL_read(session_.get(), buffer, static_cast<int>(size));
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  bool write(std::string_view bytes) override {
    return bytes.empty() ||
           SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  void close() override {
    SSL_shutdown(session_.get());
    plain_.close();
  }
  void half_close() override { plain_.half_close(); }
  void reset() override { plain_.reset(); }
  void abort() override { plain_.abort(); }

private:
  PlainStream plain_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> session_;
};

} // namespace

Outcome<Certificates> make_certificates(const std::string& folder, const std::string& host) {
  Certificates out{folder + "/ca.pem", folder + "/server.pem", folder + "/server.key"};
  const Key ca_key(EVP_EC_gen("P-256"));
  const Key server_key(EVP_EC_gen("P-256"));
  const Certificate ca = make_certificate(ca_key.get(), "A test authority", nullptr, ca_key.get());
  const Certificate server = make_certificate(server_key.get(), host, ca.get(), ca_key.get());
  const File ca_file(std::fopen(out.ca_file.c_str(), "w"));
  const File server_file(std::fopen(out.certificate.c_str(), "w"));
  const File key_file(std::fopen(out.key.c_str(), "w"));
  if (!ca_file || !server_file || !key_file || PEM_write_X509(ca_file.get(), ca.get()) != 1 ||
      PEM_write_X509(server_file.get(), server.get()) != 1 ||
      PEM_write_PrivateKey(key_file.get(), server_key.get(), nullptr, nullptr, 0, nullptr,
                           nullptr) != 1)
    return make_failure(FailureKind::usage, "cannot write certificates into " + folder);
  return out;
}

std::unique_ptr<Stream> make_plain_stream(int descriptor) {
  return std::make_unique<PlainStream>(descriptor);
}

std::unique_ptr<Stream> make_tls_stream(int descriptor, const Certificates& certificates) {
  std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate_chain_file(context.get(), certificates.certificate.c_str());
  SSL_CTX_use_PrivateKey_file(context.get(), certificates.key.c_str(), SSL_FILETYPE_PEM);
  if (!certificates.client_ca.empty()) {
    SSL_CTX_load_verify_locations(context.get(), certificates.client_ca.c_str(), nullptr);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  auto stream = std::make_unique<TlsStream>(descriptor, std::move(context));
  // OpenSSL writes to the socket itself and would end the test program when the client is gone.
  (void)std::signal(SIGPIPE, SIG_IGN);
  return stream->accept() ? std::unique_ptr<Stream>(std::move(stream)) : nullptr;
}

} // namespace diffo::bolt::fake
