#pragma once

#include "cli/commands.h"
#include "http/client.h"
#include "store/embedded_store.h"

#include <diffo/json.h>

#include <memory>
#include <string>

namespace diffo::cli {

/// A client of the place's server, or of the default one.
Result<http::Client> client_of(const Place& place, bool long_running);

/// The place's folder, opened with nobody else's hands on it. `existing_only`: a folder without a store is an error
/// rather than made.
Result<std::unique_ptr<store::EmbeddedStore>> open_folder(const Place& place, bool existing_only);

/// What went wrong according to a server's answer.
Error error_of(const http::ClientAnswer& answer);

} // namespace diffo::cli
