#pragma once

#include "http/message.h"
#include "rules/instances.h"

#include <diffo/result.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::server {

/// The version of what an answer shows: `"own"`, or `"own.derived"` where it also shows what other
/// records contributed (design of the ETag: `own` is the sequence of the record itself).
struct EntityTag {
  std::uint64_t own = 0;
  std::string derived; ///< a hash of what others contributed; empty: nothing

  [[nodiscard]] std::string text() const;
};

/// The hash of what others contributed; empty when that is nothing.
std::string digest_of(std::string_view contributed);

/// What `If-Match` and `If-None-Match` demand (RFC 9110 §13.1), in the order of §13.2.2.
/// If-Unmodified-Since and If-Modified-Since are ignored as §13.1.3 and §13.1.4 demand of whoever
/// tells no time of modification. Thread rule: immutable.
class Conditions {
public:
  enum class Verdict : std::uint8_t {
    proceed,
    not_modified ///< only of GET and HEAD: the client has this already
  };

  Conditions() = default;
  explicit Conditions(const http::Request& request);

  /// Of what is there. `If-Match` looks at `own` alone: what others contribute does not make a
  /// change to the record itself wrong. Errors: precondition_failed.
  [[nodiscard]] Result<Verdict> judge(const EntityTag& present) const;
  /// Of what is there but has no version, such as a list: only `*` matches.
  [[nodiscard]] Result<Verdict> judge_unversioned() const;
  /// The same for a rule, which looks at the record that it is about to change.
  [[nodiscard]] rules::Precondition precondition() const;

private:
  /// One header: absent, `*`, or tags, of which weak ones are told apart (RFC 9110 §8.8.3).
  struct Tags {
    bool given = false;
    bool any = false;
    std::vector<std::string> strong;
    std::vector<std::string> weak;
  };
  static Tags read(const http::Request& request, std::string_view name);
  [[nodiscard]] Result<Verdict> found_match() const;
  bool is_read_ = false;
  Tags if_match_;
  Tags if_none_match_;
};

} // namespace diffo::server
