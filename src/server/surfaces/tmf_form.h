#pragma once

#include "server/surfaces/mounts.h"
#include "server/surfaces/resource.h"

#include <optional>
#include <string>
#include <string_view>

namespace diffo::server {

/// Documents of one collection of TM Forum in one version, with the links of one mount. Thread
/// rule: immutable, any thread.
class TmfForm : public DocumentForm, public ExpandableForm {
public:
  explicit TmfForm(Mount mount);

  [[nodiscard]] graph::Family family() const override;
  [[nodiscard]] bool holds(const graph::Record& record, const graph::Schema& schema) const override;
  [[nodiscard]] Result<graph::RecordDraft> read(json::Value document, const graph::Context& context,
                                                const graph::Schema& schema) const override;
  [[nodiscard]] Result<std::optional<graph::RecordDraft>>
  patch(const graph::Record& present, const PatchRequest& patch, const Shown& shown,
        const graph::Schema& schema) const override;
  void add_links(const graph::Record& record, const graph::Schema& schema,
                 LinkTargets& targets) const override;
  [[nodiscard]] std::vector<graph::ElementKind>
  link_edges(const graph::Schema& schema) const override {
    return linking_edges(schema);
  }
  void write(const graph::Record& record, const Shown& shown, const graph::Schema& schema,
             std::string& out) const override;
  [[nodiscard]] std::string url(const graph::Record& record, const std::string& origin,
                                const graph::Schema& schema) const override;
  [[nodiscard]] Result<std::optional<tmf::FieldSelection>>
  fields(std::string_view query, const graph::Schema& schema) const override;
  [[nodiscard]] Result<graph::Filter> filter_of_one(const std::string& filter,
                                                    const graph::Schema& schema,
                                                    const query::Overrun& overrun) const override;
  [[nodiscard]] const ExpandableForm* expandable() const override { return this; }
  [[nodiscard]] Result<TakenExpansion> expansion(std::string_view query,
                                                 const graph::Schema& schema) const override;
  [[nodiscard]] json::Value document(const graph::Record& record, const Shown& shown,
                                     const graph::Schema& schema) const override;
  void write_document(json::Value document, const Shown& shown, std::string& out) const override;
  [[nodiscard]] bool sorts_within() const override { return true; }
  [[nodiscard]] bool takes_patch_of_many() const override { return true; }
  [[nodiscard]] Result<ListRequest> list(const Call& call,
                                         const graph::Schema& schema) const override;

private:
  [[nodiscard]] tmf::EmitContext context(const Shown& shown, const graph::Schema& schema) const;
  Mount mount_;
};

} // namespace diffo::server
