#include "server/surfaces/expansion.h"

#include "base/url_text.h"
#include "graph/packed.h"
#include "model/ids.h"
#include "model/schema.h"
#include "model/split.h"
#include "rules/beside.h"
#include "server/surfaces/expandable_places.h"
#include "server/surfaces/reference_links.h"
#include "tmf/emit.h"
#include "tmf/verbatim.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <utility>

namespace diffo::server {
namespace {

/// Names that are still to be followed from a value.
using Path = std::span<const std::string>;

/// A record that references lead to, or that there is none.
struct Target {
  graph::RecordRef record{}; ///< empty: it is not here, or no collection shows it
  model::Api api = model::Api::service;
  json::Value document{};
  std::size_t bytes = 0; ///< of its text
};
using Targets = std::map<graph::Key, Target, std::less<>>;

/// A document in the answer, with the places in it beneath which others are to stand. Nothing is
/// put into it before all are known, so that the places stay where they are.
struct Node {
  /// A reference in the document.
  struct Site {
    json::Object* reference = nullptr;
    std::size_t depth = 0; ///< how deep it stands
    graph::Key target;
    std::unique_ptr<Node> shown{};
  };
  graph::Key key;
  model::Api api = model::Api::service;
  const Node* around = nullptr;
  json::Value* document = nullptr;
  json::Value own{}; ///< of what was added
  std::vector<Site> sites{};

  [[nodiscard]] bool is_within(const graph::Key& other) const {
    for (const Node* at = this; at != nullptr; at = at->around)
      if (at->key == other)
        return true;
    return false;
  }
};

/// What an href of this server says that it leads to.
struct Led {
  model::Api api = model::Api::service;
  std::string id;
};

/// Of `http://host/tmf-api/party/v4/organization/5`, also without scheme and host.
std::optional<Led> led_to(std::string_view href, std::string_view origin) {
  if (href.starts_with(origin))
    href.remove_prefix(origin.size());
  constexpr std::string_view prefix = "/tmf-api/";
  if (href.starts_with(prefix))
    href.remove_prefix(prefix.size());
  else if (href.starts_with('/'))
    href.remove_prefix(1);
  else
    return std::nullopt;
  std::array<std::string_view, 4> parts; // name, version, collection, id
  for (std::size_t at = 0; at < parts.size(); ++at) {
    const std::size_t end = href.find('/');
    if ((end == std::string_view::npos) != (at + 1 == parts.size()))
      return std::nullopt;
    parts[at] = href.substr(0, end);
    href.remove_prefix(std::min(end, href.size() - 1) + 1);
  }
  const auto api = model::api_named(parts[2]);
  if (!api || (parts[1] != "v4" && parts[1] != "v5"))
    return std::nullopt;
  const auto names = model::split(model::publication_of(*api).names, ' ');
  auto id = percent_decode(parts[3]);
  if (std::find(names.begin(), names.end(), parts[0]) == names.end() || !id ||
      !model::can_be_target(*id))
    return std::nullopt;
  return Led{*api, *std::move(id)};
}

std::string_view text_of(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  const std::string* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

template <typename Visit> void each_object(json::Value& value, const Visit& visit) {
  if (json::Object* one = value.if_object())
    return visit(*one);
  if (json::Array* items = value.if_array())
    for (json::Value& item : *items)
      if (json::Object* one = item.if_object())
        visit(*one);
}

/// Finds the references of one document.
class SiteFinder {
public:
  SiteFinder(Node& node, std::string_view origin, const model::Model& model)
      : node_(node), origin_(origin), model_(model) {}

  /// `paths`: of those that are meant; none: all.
  void find(const ExpandablePlaces& places, std::span<const std::vector<std::string>> paths) {
    json::Object* document = node_.document->if_object();
    if (document == nullptr)
      return;
    for (const ExpandablePlace& place : places) {
      json::Value* value = document->find(place.name);
      if (value == nullptr)
        continue;
      if (paths.empty())
        find_at(place, *value, nullptr);
      for (const std::vector<std::string>& path : paths)
        if (path.front() == place.name) {
          const Path rest = Path(path).subspan(1);
          find_at(place, *value, &rest);
        }
    }
  }

private:
  void find_at(const ExpandablePlace& place, json::Value& value, const Path* path) {
    if (place.is_open)
      return path != nullptr ? follow(value, *path, 1) : find_everywhere(value, 1);
    each_object(value, [&](json::Object& item) {
      json::Value* inner = place.inner.empty() ? nullptr : item.find(place.inner);
      json::Object* reference = inner != nullptr ? inner->if_object() : nullptr;
      add(reference != nullptr ? *reference : item, place.family, reference != nullptr ? 2 : 1);
    });
  }

  void follow(json::Value& value, Path path, std::size_t depth) {
    each_object(value, [&](json::Object& object) {
      if (!path.empty()) {
        if (json::Value* next = object.find(path.front()))
          follow(*next, path.subspan(1), depth + 1);
        return;
      }
      // The reference is meant also where what is around it was named.
      if (!add(object, 0, depth))
        for (json::Member& member : object)
          each_object(member.value, [&](json::Object& inner) { add(inner, 0, depth + 1); });
    });
  }

  void find_everywhere(json::Value& value, std::size_t depth) {
    if (json::Array* items = value.if_array())
      for (json::Value& item : *items)
        find_everywhere(item, depth + 1);
    json::Object* object = value.if_object();
    if (object == nullptr)
      return;
    add(*object, 0, depth);
    for (json::Member& member : *object)
      find_everywhere(member.value, depth + 1);
  }

  /// Whether it is a reference to what may be here.
  bool add(json::Object& object, graph::Family family, std::size_t depth) {
    const auto target = target_of(object, family);
    if (!target)
      return false;
    if (!node_.is_within(*target) && seen_.insert(&object).second)
      node_.sites.push_back({&object, depth, *target});
    return true;
  }

  [[nodiscard]] std::optional<graph::Key> target_of(const json::Object& object,
                                                    graph::Family family) const {
    const std::string_view id = text_of(object, "id");
    if (family != 0) {
      // What is given by value is here already.
      const bool by_value = (family == model::family_service || family == model::family_resource) &&
                            tmf::is_by_value(object, model::Version::v4, model_);
      if (by_value || !model::can_be_target(id))
        return std::nullopt;
      return graph::Key(node_.key.tenant, family, std::string(id));
    }
    const auto led = led_to(text_of(object, "href"), origin_);
    if (!led || (object.contains("id") && id != led->id))
      return std::nullopt;
    return graph::Key(node_.key.tenant, model::family_of(led->api), led->id);
  }

  Node& node_;
  std::string_view origin_;
  const model::Model& model_;
  std::set<const json::Object*> seen_;
};

class Expander {
public:
  Expander(const ExpansionRequest& request, const ExpansionContext& context,
           graph::Subgraph& subgraph)
      : request_(request), context_(context), subgraph_(subgraph), schema_(subgraph.schema()),
        model_(model::model_of(schema_)) {}

  Result<void> expand(std::vector<Node>& roots) {
    std::vector<Node*> level;
    level.reserve(roots.size());
    for (Node& root : roots)
      level.push_back(&root);
    for (unsigned done = 0; done < request_.levels && !level.empty(); ++done) {
      for (Node* node : level)
        SiteFinder(*node, context_.origin, model_)
            .find(expandable_places(node->api, version_of(node->api), model_),
                  done == 0 ? std::span(request_.paths)
                            : std::span<const std::vector<std::string>>());
      TRY(fetch(level));
      level = TRY(grown(level));
    }
    for (Node& root : roots)
      merge(root);
    return {};
  }

  /// Of all that was found.
  [[nodiscard]] std::string told() const {
    std::string text = "expanded\n" + told_;
    for (const auto& [key, target] : targets_)
      if (target.record) {
        text += model::collection_of(target.api);
        graph::append_varint(text, key.id.size());
        text += key.id;
        graph::append_varint(text, target.record->sequence());
      }
    return text;
  }

private:
  /// The one asked for, or the one that there is.
  [[nodiscard]] model::Version version_of(model::Api api) const {
    return model::publication_of(api).v5.empty() ? model::Version::v4 : request_.version;
  }

  [[nodiscard]] Error beyond(const std::string& bound) const {
    return {ErrorCode::invalid,
            "more than " + bound + " would be shown beneath references; ask for less of them, or " +
                "for fewer documents",
            request_.paths.empty() ? "depth" : "expand"};
  }

  Result<void> fetch(const std::vector<Node*>& level) {
    graph::FetchPlan plan;
    for (const Node* node : level)
      for (const Node::Site& site : node->sites)
        if (targets_.try_emplace(site.target).second)
          plan.records.push_back(site.target);
    subgraph_.announce(plan);
    std::vector<Targets::value_type*> fresh;
    LinkTargets links;
    graph::FetchPlan beside;
    for (const graph::Key& key : plan.records) {
      graph::RecordRef record = subgraph_.find(key);
      const auto api =
          record ? model::api_of_root(record->root(schema_.dictionary()).kind()) : std::nullopt;
      if (!api)
        continue;
      if (++found_ > max_expanded_targets)
        return beyond(std::to_string(max_expanded_targets) + " records");
      links.add(*record, schema_);
      if (shows_more(*record, *api))
        beside.extend(rules::plan_for_beside(key));
      const auto at = targets_.find(key);
      at->second.record = std::move(record);
      at->second.api = *api;
      fresh.push_back(&*at);
    }
    subgraph_.announce(links.plan());
    subgraph_.announce(beside);
    const auto referenced = links.found_in(subgraph_);
    told_ += referenced ? referenced->text() : std::string();
    for (Targets::value_type* one : fresh)
      TRY(render(one->first, one->second, referenced.get()));
    return {};
  }

  [[nodiscard]] bool shows_more(const graph::Record& record, model::Api api) const {
    return model::is_of_instances(api) && rules::shows_more(model_, record);
  }

  Result<void> render(const graph::Key& key, Target& target, const tmf::Referenced* referenced) {
    const model::Version version = version_of(target.api);
    graph::RecordRef shown = target.record;
    if (shows_more(*shown, target.api)) {
      const rules::Beside beside = rules::look_beside(subgraph_, key, context_.now);
      told_ += beside.contributed;
      if (!beside.assigned.empty())
        shown = rules::with_beside(*shown, schema_, beside);
    }
    if (shown->memory_bytes() > max_expanded_bytes)
      return too_much();
    const std::string origin(context_.origin);
    target.document = tmf::document_of(*shown, version,
                                       {.schema = schema_,
                                        .api_base = origin + tmf::base_path_of(target.api, version),
                                        .origin = origin,
                                        .referenced = referenced});
    target.bytes = json::to_text(target.document).size();
    rendered_ += target.bytes;
    return rendered_ > max_expanded_bytes ? too_much() : Result<void>();
  }

  [[nodiscard]] Error too_much() const {
    return beyond(std::to_string(max_expanded_bytes) + " bytes");
  }

  /// The documents that a level has got.
  Result<std::vector<Node*>> grown(const std::vector<Node*>& level) {
    std::vector<Node*> next;
    for (Node* node : level)
      for (Node::Site& site : node->sites) {
        const Target& target = targets_.at(site.target);
        if (!target.record)
          continue;
        shown_ += target.bytes;
        if (shown_ > max_expanded_bytes)
          return too_much();
        site.shown = std::make_unique<Node>(
            Node{site.target, target.api, node, nullptr, target.document, {}});
        site.shown->document = &site.shown->own;
        next.push_back(site.shown.get());
      }
    return next;
  }

  /// The deepest first: what stands around a place moves when something is put into it.
  static void merge(Node& node) {
    std::stable_sort(
        node.sites.begin(), node.sites.end(),
        [](const Node::Site& left, const Node::Site& right) { return left.depth > right.depth; });
    for (Node::Site& site : node.sites) {
      if (!site.shown)
        continue;
      merge(*site.shown);
      std::set<std::string, std::less<>> own;
      for (const json::Member& member : *site.reference)
        own.insert(member.name);
      for (json::Member& member : site.shown->own.object())
        if (!own.contains(member.name))
          site.reference->append(std::move(member.name), std::move(member.value));
    }
    node.sites.clear();
  }

  const ExpansionRequest& request_;
  const ExpansionContext& context_;
  graph::Subgraph& subgraph_;
  const graph::Schema& schema_;
  const model::Model& model_;
  Targets targets_;
  std::size_t found_ = 0;
  std::size_t rendered_ = 0; ///< bytes of different documents
  std::size_t shown_ = 0;    ///< bytes of all
  std::string told_;         ///< beside the records found
};

} // namespace

Result<std::string> expand(std::vector<ExpandableDocument>& documents,
                           const ExpansionRequest& request, const ExpansionContext& context,
                           graph::Subgraph& subgraph) {
  std::vector<Node> roots;
  roots.reserve(documents.size());
  for (ExpandableDocument& one : documents)
    roots.push_back({one.key, request.api, nullptr, &one.document, {}, {}});
  Expander expander(request, context, subgraph);
  TRY(expander.expand(roots));
  return expander.told();
}

} // namespace diffo::server
