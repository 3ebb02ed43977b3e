#include "base/sha256.h"

#include <diffo/result.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

namespace diffo {

namespace {

struct FreeMethod {
  void operator()(EVP_MD* method) const { EVP_MD_free(method); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// Looked up once: the library would go through its providers for each text.
const EVP_MD* method() {
  static const std::unique_ptr<EVP_MD, FreeMethod> fetched(
      EVP_MD_fetch(nullptr, "SHA256", nullptr));
  DIFFO_ASSERT(fetched != nullptr);
  return fetched.get();
}

} // namespace

Sha256 sha256(std::string_view bytes) {
  // Each thread's, begun anew for each text.
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  DIFFO_ASSERT(context != nullptr);
  Sha256 digest{};
  unsigned length = 0;
  const bool done = EVP_DigestInit_ex2(context.get(), method(), nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), digest.data(), &length) == 1;
  DIFFO_ASSERT(done && length == digest.size());
  return digest;
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256 digest{};
  unsigned length = 0;
  const auto* begin = reinterpret_cast<const unsigned char*>(bytes.data());
  const unsigned char* made = HMAC(method(), key.data(), static_cast<int>(key.size()), begin,
                                   bytes.size(), digest.data(), &length);
  DIFFO_ASSERT(made != nullptr && length == digest.size());
  return digest;
}

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::uint8_t byte : bytes) {
    out += digits[byte >> 4U];
    out += digits[byte & 0x0FU];
  }
  return out;
}

} // namespace diffo
