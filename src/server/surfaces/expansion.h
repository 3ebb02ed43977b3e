#pragma once

#include "graph/subgraph.h"
#include "model/api.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// `expand` and `depth` (tmf.md §2): references are shown together with what they refer to
/// (wire.md §3 Expansion).
namespace diffo::server {

struct Shown;

/// How many different records one answer shows beneath references, and as how much text.
inline constexpr std::size_t max_expanded_targets = 1000;
inline constexpr std::size_t max_expanded_bytes = std::size_t{4} << 20;
/// The largest `depth`.
inline constexpr unsigned max_expansion_depth = 3;

/// What `expand` and `depth` of a request ask for. A plain value.
struct ExpansionRequest {
  model::Api api = model::Api::service; ///< of the documents
  model::Version version = model::Version::v4;
  std::vector<std::vector<std::string>> paths{}; ///< of the references; none: all
  unsigned levels = 1; ///< 1: the references of the documents, 2: those of these too
};

/// A query string that may ask for an expansion, and the rest of it as it came.
struct TakenExpansion {
  std::optional<ExpansionRequest> asked;
  std::string rest;
};

/// Takes `expand` and `depth` out of a query string. Errors: malformed; invalid for a path at which
/// no attribute of the collection is or can be a reference, for what is no depth, and when one of
/// them is given twice.
Result<TakenExpansion> take_expansion(std::string_view query, model::Api api,
                                      model::Version version, const graph::Schema& schema);

/// A collection whose documents can be shown with what their references lead to. Thread rule:
/// immutable, any thread.
class ExpandableForm {
public:
  virtual ~ExpandableForm() = default;
  /// Errors: those of take_expansion().
  [[nodiscard]] virtual Result<TakenExpansion> expansion(std::string_view query,
                                                         const graph::Schema& schema) const = 0;
  /// The whole document.
  [[nodiscard]] virtual json::Value document(const graph::Record& record, const Shown& shown,
                                             const graph::Schema& schema) const = 0;
  /// Appends what of a document was asked for.
  virtual void write_document(json::Value document, const Shown& shown, std::string& out) const = 0;
};

/// A document in which references are to be expanded, and the record that it shows.
struct ExpandableDocument {
  graph::Key key;
  json::Value document;
};

/// Under what circumstances documents are expanded.
struct ExpansionContext {
  std::string_view origin; ///< scheme and authority of this server's links
  std::int64_t now = 0;    ///< microseconds since 1970
};

/// Adds to each reference that was asked for, where what it refers to is here, the members of that
/// document which it has not itself. A record is not expanded within itself. All is read in the
/// subgraph, a level at a time, as announced. Gives a text that is the same while what was
/// added is. Errors: invalid beyond the bounds.
Result<std::string> expand(std::vector<ExpandableDocument>& documents,
                           const ExpansionRequest& request, const ExpansionContext& context,
                           graph::Subgraph& subgraph);

} // namespace diffo::server
