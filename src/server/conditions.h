#pragma once

#include "http/message.h"
#include "rules/instances.h"

#include <diffo/result.h>

#include <cstdint>
#include <optional>
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

/// The `Last-Modified` of a record, both times in microseconds since 1970. While its second lasts
/// the record may change again within it, so that until then a second less is told: whoever asks by
/// that date later is shown the record once too often, never once too few.
std::string last_modified(std::int64_t updated_at, std::int64_t now);

/// What the conditional headers demand (RFC 9110 §13.1), in the order of §13.2.2. By date only
/// what tells its `Last-Modified` is judged, and no read of what also shows what others contribute,
/// which changes at other times. Thread rule: immutable.
class Conditions {
public:
  enum class Verdict : std::uint8_t {
    proceed,
    not_modified ///< only of GET and HEAD: the client has this already
  };

  Conditions() = default;
  explicit Conditions(const http::Request& request);

  /// Of what is there. `If-Match` looks at `own` alone: what others contribute does not make a
  /// change to the record itself wrong. `updated_at`: when it changed, in microseconds since 1970;
  /// nothing: it tells no date. Errors: precondition_failed.
  [[nodiscard]] Result<Verdict> judge(const EntityTag& present,
                                      std::optional<std::int64_t> updated_at = {}) const;
  /// Of a list, by the tag of all that it shows.
  [[nodiscard]] Result<Verdict> judge_list(const std::string& tag) const;
  /// Of what is there but has no version: only `*` matches.
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
  /// step 3 and 4 of §13.2.2
  [[nodiscard]] Result<Verdict> judge_none_match(const std::string& tag,
                                                 std::optional<std::int64_t> updated_at) const;
  bool is_read_ = false;
  Tags if_match_;
  Tags if_none_match_;
  /// Seconds since 1970; nothing: not given, or no date, which is the same (§13.1.3, §13.1.4).
  std::optional<std::int64_t> if_modified_since_;
  std::optional<std::int64_t> if_unmodified_since_;
};

} // namespace diffo::server
