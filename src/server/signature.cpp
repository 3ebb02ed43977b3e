#include "server/signature.h"

#include "base/sha256.h"

#include <ctime>
#include <string>

namespace diffo::server {

void sign(http::ClientRequest& request, const Secret& secret) {
  if (secret.empty())
    return;
  const std::string time = std::to_string(std::time(nullptr));
  const Sha256 signature = hmac_sha256(secret.reveal(), time + '.' + request.body);
  request.headers.emplace_back("X-Diffo-Timestamp", time);
  request.headers.emplace_back("X-Diffo-Signature", "sha256=" + hexadecimal(signature));
}

} // namespace diffo::server
