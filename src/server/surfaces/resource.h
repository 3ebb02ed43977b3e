#pragma once

#include "http/router.h"
#include "query/inner_order.h"
#include "query/list_parameters.h"
#include "query/path_filter.h"
#include "rules/enforce.h"
#include "rules/instances.h"
#include "server/call.h"
#include "server/conditions.h"
#include "server/services.h"
#include "server/surfaces/expansion.h"
#include "server/surfaces/reference_links.h"
#include "tmf/emit.h"
#include "tmf/field_selection.h"
#include "tmf/patch.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::server {

/// How documents are shown to one caller.
struct Shown {
  std::string origin;                        ///< scheme and authority for absolute links
  std::optional<tmf::FieldSelection> fields; ///< nothing: everything
  /// What a document has to be like to be shown at all (`filter`), for GET of one.
  std::optional<std::string> filter{};
  /// What references of the documents lead to and is here; a null pointer: nothing.
  std::shared_ptr<const tmf::Referenced> referenced = {};
  std::vector<query::InnerOrder> orders{}; ///< of lists within it (`sort`), likewise
};

/// A patch that somebody sent. Shared, as it may be large and rules are copied.
struct PatchRequest {
  std::shared_ptr<const json::Value> document;
  tmf::PatchKind kind = tmf::PatchKind::merge;
  /// What the patches of several records have in common; used by one thread at a time.
  std::shared_ptr<json::PatchShare> share{};
};

/// A list that somebody asks for, read from its query string.
struct ListRequest {
  std::string collection; ///< a name that no other list has, nor the same in another version
  std::optional<tmf::FieldSelection> fields;
  graph::Query query;       ///< with offset and limit, without a cursor
  query::Paging paging;     ///< as it was asked for
  query::Overrun overrun{}; ///< set when the search could not be carried through
  std::optional<ExpansionRequest> expansion{};
  std::optional<bool> outstanding; ///< only those of which something is, or of which nothing is
};

/// What tells one collection of documents from another; all else is Resource's. The schema is that
/// of the revision at hand: a commit may replace it between two calls. Thread rule: immutable, any
/// thread.
class DocumentForm {
public:
  virtual ~DocumentForm() = default;
  [[nodiscard]] virtual graph::Family family() const = 0;

  /// Whether a record of the family belongs to the collection: others may share its family.
  [[nodiscard]] virtual bool holds(const graph::Record&, const graph::Schema&) const {
    return true;
  }
  /// A new record for a document that was POSTed. Errors: invalid, with all problems found.
  [[nodiscard]] virtual Result<graph::RecordDraft>
  read(json::Value document, const graph::Context& context, const graph::Schema& schema) const = 0;
  /// Settles what a record says or names by what there is, and tells what else its change means;
  /// `before` is the record that it replaces. Errors: those of the rules that hold of it.
  [[nodiscard]] virtual Result<rules::Further> resolve(graph::RecordDraft&, const graph::Record*,
                                                       graph::Subgraph&,
                                                       const graph::Context&) const {
    return rules::Further{};
  }
  /// Whether there is something to settle of a new record.
  [[nodiscard]] virtual bool resolves(const graph::RecordDraft&, const graph::Schema&) const {
    return false;
  }
  /// Whether its document shows something that stands in other records.
  [[nodiscard]] virtual bool shows_more(const graph::Record&, const graph::Schema&) const {
    return false;
  }
  /// What the deletion of a record means beside.
  [[nodiscard]] virtual Result<rules::Further> erased(const graph::Record&, graph::Subgraph&,
                                                      const graph::Context&) const {
    return rules::Further{};
  }
  /// What resolve() reads for a new record.
  [[nodiscard]] virtual graph::FetchPlan reads_of(const graph::RecordDraft&) const { return {}; }
  /// The record after a patch of the document that shows it; nothing when that changes nothing.
  [[nodiscard]] virtual Result<std::optional<graph::RecordDraft>>
  patch(const graph::Record& present, const PatchRequest& patch, const Shown& shown,
        const graph::Schema& schema) const = 0;
  /// Adds the records that the links of its document depend on (Shown::referenced).
  virtual void add_links(const graph::Record&, const graph::Schema&, LinkTargets&) const {}
  /// The kinds of edges that may lead there.
  [[nodiscard]] virtual std::vector<graph::ElementKind> link_edges(const graph::Schema&) const {
    return {};
  }
  /// Appends the document.
  virtual void write(const graph::Record& record, const Shown& shown, const graph::Schema& schema,
                     std::string& out) const = 0;
  [[nodiscard]] virtual std::string url(const graph::Record& record, const std::string& origin,
                                        const graph::Schema& schema) const = 0;

  /// The `fields` in the query string of a request about one document, which takes no other
  /// parameter. Errors: invalid, malformed, unsupported.
  [[nodiscard]] virtual Result<std::optional<tmf::FieldSelection>>
  fields(std::string_view query, const graph::Schema& schema) const = 0;
  /// What the `filter` of a GET of one document asks of its record. Errors: likewise.
  [[nodiscard]] virtual Result<graph::Filter>
  filter_of_one(const std::string&, const graph::Schema&, const query::Overrun&) const {
    return Error{ErrorCode::unsupported, "there is no filter of one document here", "filter"};
  }
  /// Set where references are expanded.
  [[nodiscard]] virtual const ExpandableForm* expandable() const { return nullptr; }
  /// Whether a GET of one document sorts lists within it.
  [[nodiscard]] virtual bool sorts_within() const { return false; }
  /// Whether PATCH of the collection changes all that a filter keeps.
  [[nodiscard]] virtual bool takes_patch_of_many() const { return false; }
  /// Whether the query string of a list asks for what is outstanding.
  [[nodiscard]] virtual bool asks_for_outstanding(std::string_view) const { return false; }
  /// Errors: likewise.
  [[nodiscard]] virtual Result<ListRequest> list(const Call& call,
                                                 const graph::Schema& schema) const = 0;
};

/// One collection under one path: create, list, get, change and delete, with conditional requests,
/// partial answers, pages and errors.
///
/// The order of each method (RFC 9110 §13.2.1): what is wrong with the request by itself, then what
/// is wrong with it here (no such record, a precondition), then the deed. Nothing is refused after
/// a commit, so whatever an answer needs of the request is read before. An answer shows the record
/// that the rule read or made, never what somebody else's later change left. Lists, and documents
/// that take long to render, are handled on workers; requests with large bodies come on one.
///
/// Thread rule: any thread.
class Resource {
public:
  /// `path` is the collection's, "/tmf-api/serviceInventory/v4/service".
  Resource(Services& services, std::unique_ptr<const DocumentForm> form, std::string path);
  /// The resource must outlive the router.
  void add_routes(http::Router& router) const;

private:
  /// What references of a document lead to; a null pointer: nothing that is here.
  using Links = std::shared_ptr<const tmf::Referenced>;

  void create(const CallRef& call) const;
  void list(const CallRef& call) const;
  void get(const CallRef& call) const;
  void change(const CallRef& call) const;
  void change_many(const CallRef& call) const;
  void remove(const CallRef& call) const;

  /// The circumstances of a write, with the key under which it may be repeated.
  [[nodiscard]] Result<graph::Context> writing_context(const Call& call) const;
  [[nodiscard]] graph::Key key_of(const Call& call) const;
  [[nodiscard]] Result<Shown> shown_for(const Call& call, std::string_view query) const;
  void get_past(const CallRef& call, const std::string& at, Shown shown) const;
  void get_at(const CallRef& call, graph::Pin pin, Shown shown) const;
  /// Answers with a record, on a worker or where it is called. `links`: where what it links to was
  /// read with it; or null.
  void show(const CallRef& call, graph::RecordRef record, const graph::Schema& schema,
            graph::Pin pin, graph::Subgraph* links, bool on_worker, const Shown& shown) const;
  Result<void> start_getting(const CallRef& call) const;
  void get_expanded(const CallRef& call, ExpansionRequest asked, Shown shown) const;
  Result<void> answer_expanded(Call& call, const ExpansionRequest& asked, const Shown& shown) const;
  Result<void> start_creating(const CallRef& call) const;
  /// Creates what was read of the call's body, or, where a commit has replaced the schema
  /// meanwhile, what the body says under the new one.
  [[nodiscard]] graph::Decide creation_of(const CallRef& call, const graph::Context& context,
                                          graph::RecordDraft draft, graph::RecordRef fresh,
                                          const graph::Schema& schema,
                                          std::shared_ptr<std::optional<Links>> links) const;
  /// What the references of a document led to when it was changed.
  struct LinksThen {
    graph::FetchPlan reads;
    Links links;
  };
  /// `links`: reads of what the references of the document lead to, which it is shown with.
  Result<void> start_changing(const CallRef& call, std::size_t bytes,
                              const graph::FetchPlan& links) const;
  /// How a patch changes a record.
  /// `then`, if any, gets what the references led to.
  [[nodiscard]] rules::Revise
  revision_of(PatchRequest patch, const graph::Context& context, Shown shown,
              std::shared_ptr<std::optional<LinksThen>> then = nullptr) const;
  Result<void> start_changing_many(Call& call) const;
  [[nodiscard]] Result<graph::Decision> change_each(const std::vector<graph::RecordRef>& present,
                                                    PatchRequest patch, const Shown& shown,
                                                    const graph::Context& context,
                                                    graph::Subgraph& subgraph) const;
  Result<void> answer_many(Call& call, std::vector<graph::RecordRef> records,
                           const graph::Commit& commit, const Shown& shown) const;
  Result<void> start_removing(const CallRef& call) const;
  /// A record with all that its document shows, and the tag of that.
  struct Presented {
    graph::RecordRef record;
    EntityTag tag;
    std::shared_ptr<const tmf::Referenced> referenced = {};
    /// Its document, where references in it were expanded.
    std::optional<json::Value> expanded{};
  };
  [[nodiscard]] Presented presented(graph::RecordRef record, graph::Subgraph& subgraph) const;
  /// Of one that shows nothing else.
  [[nodiscard]] static Presented presented(const graph::RecordRef& record, const Links& links);
  [[nodiscard]] LinkTargets links_of(const graph::Record& record,
                                     const graph::Schema& schema) const;
  [[nodiscard]] rules::Precondition precondition_of(const Call& call) const;
  /// Reads what else a document shows, where there may be something that `links` does not have, and
  /// goes on with it.
  void present(const CallRef& call, graph::RecordRef record, const graph::Schema& schema,
               graph::Pin pin, graph::Subgraph* links,
               std::function<void(Presented, const graph::Schema&)> then) const;
  [[nodiscard]] Result<std::optional<graph::RecordDraft>>
  patched(const graph::Record& present, const PatchRequest& patch, Shown shown,
          graph::Subgraph& subgraph, std::optional<LinksThen>* then) const;
  [[nodiscard]] std::optional<std::int64_t> changed_at(const Presented& presented,
                                                       const graph::Schema& schema) const;
  /// Errors: not_found for a record that the filter of the request does not keep.
  [[nodiscard]] Result<void> demand_filter(const graph::Record& record, const graph::Schema& schema,
                                           const Shown& shown) const;
  Result<void> answer_one(Call& call, const Presented& presented, const graph::Schema& schema,
                          const Shown& shown) const;
  Result<void> answer_list(Call& call, const loop::StandingRef& standing) const;
  [[nodiscard]] std::vector<Presented> presented_all(std::span<const graph::RecordRef> records,
                                                     graph::Subgraph& subgraph) const;
  static std::string tag_of(const graph::Page& page, std::span<const Presented> all);
  /// Errors: those of expand().
  Result<void> expand_in(std::vector<Presented>& page, const ExpansionRequest& asked,
                         const Shown& shown, graph::Subgraph& subgraph,
                         std::size_t most_bytes) const;
  /// Appends what of the document was asked for; `shown` gets the links of this one.
  void write(const Presented& presented, Shown& shown, const graph::Schema& schema,
             std::string& out) const;
  /// As an array that ends behind the document that reaches so many bytes.
  [[nodiscard]] std::string rendered(std::span<const Presented> page, Shown shown,
                                     const graph::Schema& schema, std::size_t most_bytes,
                                     std::uint64_t& written) const;
  /// The same of the last ones: of a page in front of a cursor those that are next to it.
  [[nodiscard]] std::string rendered_backward(std::span<const Presented> page, Shown shown,
                                              const graph::Schema& schema, std::size_t most_bytes,
                                              std::uint64_t& written) const;
  void answer_record(Call& call, int status, const Presented& presented,
                     const graph::Schema& schema, const Shown& shown) const;
  void answer_written(const CallRef& call, int status, graph::RecordRef record, Shown shown,
                      const std::optional<Links>& links = {}) const;

  Services& services_;
  std::unique_ptr<const DocumentForm> form_;
  std::string path_;
};

} // namespace diffo::server
