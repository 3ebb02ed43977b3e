#pragma once

#include <span>
#include <string_view>

/// The page on which the operations of the published documents are tried out. It is part of the
/// program: a browser that shows it asks nobody but this server.
namespace diffo::openapi {

struct PageFile {
  std::string_view name; ///< `index.html`, `page.css` or `page.js`
  std::string_view media_type;
  std::string_view text;
};

/// All files of the page; thread rule: immutable.
std::span<const PageFile> page_files();

/// What the page may do (Content Security Policy Level 3): its own script and style, and requests
/// to this server; no script in the text of the page, no frame around it.
inline constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

} // namespace diffo::openapi
