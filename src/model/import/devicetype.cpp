#include "model/import/devicetype.h"

#include "base/sha256.h"
#include "base/uuid.h"
#include "model/domain/yaml.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace diffo::model {
namespace {

constexpr const char* item_kind = "InventoryItem";

/// A list of parts of which others take one.
struct Section {
  const char* key;
  const char* pool;
  const char* thing;
  enum class Pools : std::uint8_t { one, by_type } pools;
};
constexpr Section sections[] = {
    {"interfaces", "interfaces", "interface", Section::Pools::by_type},
    {"front-ports", "front_ports", "front_port", Section::Pools::by_type},
    {"rear-ports", "rear_ports", "rear_port", Section::Pools::by_type},
    {"console-ports", "console_ports", "console_port", Section::Pools::one},
    {"console-server-ports", "console_server_ports", "console_server_port", Section::Pools::one},
    {"power-outlets", "power_outlets", "power_outlet", Section::Pools::one},
    {"module-bays", "module_bays", "module_bay", Section::Pools::one},
    {"device-bays", "device_bays", "device_bay", Section::Pools::one}};

/// What there is of a device as a whole, and what it is.
struct Property {
  const char* key;
  Scalar scalar;
};
constexpr Property properties[] = {
    {"manufacturer", Scalar::string},   {"model", Scalar::string},
    {"part_number", Scalar::string},    {"u_height", Scalar::number},
    {"is_full_depth", Scalar::boolean}, {"airflow", Scalar::string},
    {"weight", Scalar::number},         {"weight_unit", Scalar::string},
    {"subdevice_role", Scalar::string}};

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_letter_or_digit(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// `Acme R-1 48p` is `AcmeR148p`, `acme-r1` is `AcmeR1`.
std::string joined_words(std::string_view text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (!is_letter_or_digit(c)) {
      begins = true;
      continue;
    }
    out += begins && is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
    begins = false;
  }
  return out;
}

/// A name that begins with a letter, large or small.
std::string kind_name(std::string_view text) {
  std::string name = joined_words(text);
  return name.empty() || (name.front() >= '0' && name.front() <= '9') ? "Device" + name : name;
}

std::string specification_name(std::string_view slug) {
  std::string name = kind_name(slug);
  name.front() = static_cast<char>(name.front() - 'A' + 'a');
  return name;
}

/// `10gbase-x-sfpp` is `10gbase_x_sfpp`.
std::string symbol_of(std::string_view type) {
  std::string out;
  for (const char c : type)
    out += c >= 'A' && c <= 'Z'    ? static_cast<char>(c - 'A' + 'a')
           : is_letter_or_digit(c) ? c
                                   : '_';
  return out;
}

/// A UUID of version 4 by its bits, the same for the same device type everywhere.
std::string identity_of(std::string_view manufacturer, std::string_view slug) {
  const Sha256 digest =
      sha256(std::string("device type\n").append(manufacturer).append("\n").append(slug));
  Uuid uuid;
  std::copy_n(digest.begin(), uuid.bytes.size(), uuid.bytes.begin());
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0FU) | 0x40U); // RFC 9562 §5.4
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3FU) | 0x80U);
  return uuid.text();
}

Type list_of(Scalar scalar, std::string kind = {}) {
  return {.scalar = scalar, .kind = std::move(kind), .array = true};
}

Field field_with(std::string name, Type type, std::optional<json::Value> otherwise) {
  return {.name = std::move(name), .type = std::move(type), .otherwise = std::move(otherwise)};
}

/// Whole watts are written as such.
json::Value watts(double sum) {
  constexpr double most = 1e15; // beyond which a double is no exact integer
  return sum < most && std::floor(sum) == sum ? json::Value(static_cast<std::int64_t>(sum))
                                              : json::Value(sum);
}

DeclaredKind characteristic_kind(std::string name, std::string about) {
  DeclaredKind kind;
  kind.name = std::move(name);
  kind.base = Base::characteristic;
  kind.about = std::move(about);
  return kind;
}

/// One device type.
class DeviceType {
public:
  /// `known` has the names of the domain's kinds.
  DeviceType(const std::string& file, const yaml::Node& root, Domain& domain,
             std::set<std::string>& known)
      : file_(file), root_(root), domain_(domain), known_(known) {}

  Result<void> add() {
    if (!root_.is_map())
      return wrong(root_, "a device type is a map");
    const std::string manufacturer = TRY(text_at(root_, "manufacturer"));
    const std::string model = TRY(text_at(root_, "model"));
    const std::string slug = TRY(text_at(root_, "slug"));
    kind_.name = kind_name(manufacturer + ' ' + model);
    kind_.half = Half::resource;
    kind_.about = manufacturer + ' ' + model;
    kind_.specification = Specification{.id = identity_of(manufacturer, slug),
                                        .name = specification_name(slug),
                                        .type = "resourceSpecification",
                                        .description = kind_.about,
                                        .category = "Device"};
    kind_.source = kind_.target = Permission{.of = Permission::Of::all};
    if (!known_.insert(kind_.name).second)
      return wrong(root_, "another device type is the kind " + kind_.name + " already");
    TRY(add_hardware());
    TRY(add_power());
    TRY(add_pools());
    TRY(add_inventory());
    domain_.kinds.push_back(std::move(kind_));
    return {};
  }

private:
  [[nodiscard]] Error wrong(const yaml::Node& node, const std::string& message) const {
    return {ErrorCode::invalid, file_ + ':' + std::to_string(node.at.line) + ':' +
                                    std::to_string(node.at.column) + ": " + message};
  }

  /// The text as it stands there: `9300` is one.
  Result<std::string> text_at(const yaml::Node& map, std::string_view key) const {
    const yaml::Node* node = map.find(key);
    if (node == nullptr || node->is_null())
      return wrong(map, std::string(key) + " is required");
    if (!node->is_scalar() || node->text.empty())
      return wrong(*node, std::string(key) + " must be a text");
    return node->text;
  }

  Result<const std::vector<yaml::Node>*> list_at(std::string_view key) const {
    static const std::vector<yaml::Node> none;
    const yaml::Node* node = root_.find(key);
    if (node == nullptr || node->is_null())
      return &none;
    if (!node->is_sequence())
      return wrong(*node, std::string(key) + " must be a list");
    for (const yaml::Node& item : node->items)
      if (!item.is_map())
        return wrong(item, std::string(key) + " must be a list of maps");
    return &node->items;
  }

  Result<std::optional<json::Value>> property_of(const Property& property) const {
    const yaml::Node* node = root_.find(property.key);
    if (node == nullptr || node->is_null())
      return std::optional<json::Value>();
    const json::Value value = yaml::value_of(*node);
    const bool fits = property.scalar == Scalar::string    ? node->is_scalar()
                      : property.scalar == Scalar::boolean ? value.is_boolean()
                                                           : value.is_number();
    if (!fits)
      return wrong(*node, std::string(property.key) + " must be a " +
                              (property.scalar == Scalar::string    ? "text"
                               : property.scalar == Scalar::boolean ? "boolean"
                                                                    : "number"));
    return std::optional(property.scalar == Scalar::string ? json::Value(node->text) : value);
  }

  void add_characteristic(const char* name, DeclaredKind type) {
    kind_.characteristics.push_back(
        {.name = name, .type = {.scalar = Scalar::kind, .kind = type.name}});
    domain_.kinds.push_back(std::move(type));
  }

  Result<void> add_hardware() {
    DeclaredKind hardware = characteristic_kind(kind_.name + "Hardware", "what it is");
    for (const Property& property : properties)
      if (auto value = TRY(property_of(property)))
        hardware.fields.push_back(
            field_with(property.key, {.scalar = property.scalar}, std::move(value)));
    for (const char* own : {"serial", "asset_tag"})
      hardware.fields.push_back(field_with(own, {}, {}));
    add_characteristic("hardware", std::move(hardware));
    kind_.indexes.emplace_back("hardware.serial");
    return {};
  }

  /// What all power ports draw together, in watts, as far as it is known.
  Result<void> add_power() {
    const std::vector<yaml::Node>& ports = *TRY(list_at("power-ports"));
    if (ports.empty())
      return {};
    json::Array names;
    for (const yaml::Node& port : ports)
      names.emplace_back(TRY(text_at(port, "name")));
    DeclaredKind power =
        characteristic_kind(kind_.name + "Power", "what it is fed by, and draws in watts");
    power.fields.push_back(field_with("ports", list_of(Scalar::string), std::move(names)));
    for (const auto& [key, field] : {std::pair{"maximum_draw", "maximum_draw"},
                                     std::pair{"allocated_draw", "allocated_draw"}}) {
      double sum = 0;
      for (const yaml::Node& port : ports)
        if (const yaml::Node* draw = port.find(key); draw != nullptr && !draw->is_null()) {
          const json::Value value = yaml::value_of(*draw);
          if (!value.is_number() || value.as_double() < 0)
            return wrong(*draw, std::string(key) + " must be a number of watts");
          sum += value.as_double();
        }
      if (sum > 0)
        power.fields.push_back(field_with(field, {.scalar = Scalar::number, .min = 0}, watts(sum)));
    }
    add_characteristic("power", std::move(power));
    return {};
  }

  Result<void> add_pools() {
    std::vector<std::pair<Pool, json::Array>> pools;
    std::map<std::string, std::size_t> places;
    for (const Section& section : sections)
      for (const yaml::Node& part : *TRY(list_at(section.key))) {
        Pool pool = TRY(pool_of(section, part));
        const auto [place, is_new] = places.emplace(pool.name, pools.size());
        if (is_new)
          pools.emplace_back(std::move(pool), json::Array());
        pools[place->second].second.emplace_back(TRY(text_at(part, "name")));
      }
    if (pools.empty())
      return {};
    DeclaredKind names = characteristic_kind(
        kind_.name + "Names", "what the units of its pools are called: the first is number 1");
    for (auto& [pool, units] : pools) {
      pool.bounds = Span{1, static_cast<std::int64_t>(units.size())};
      names.fields.push_back(field_with(pool.name, list_of(Scalar::string), std::move(units)));
      kind_.pools.push_back(std::move(pool));
    }
    add_characteristic("names", std::move(names));
    return {};
  }

  /// The pool that a part is of. Those for management alone are apart; others may differ by type,
  /// and what they hand out is then called by it, so that each has an action of its own.
  Result<Pool> pool_of(const Section& section, const yaml::Node& part) const {
    if (section.pools == Section::Pools::one)
      return Pool{.name = section.pool, .thing = section.thing};
    if (const yaml::Node* only = part.find("mgmt_only"))
      if (const json::Value value = yaml::value_of(*only); value.is_boolean() && value.boolean())
        return Pool{.name = "management_interfaces", .thing = "management_interface"};
    std::string type = TRY(text_at(part, "type"));
    const std::string suffix = '_' + symbol_of(type);
    return Pool{
        .name = section.pool + suffix, .thing = section.thing + suffix, .type = std::move(type)};
  }

  Result<void> add_inventory() {
    json::Array items;
    for (const yaml::Node& part : *TRY(list_at("inventory-items"))) {
      json::Object item{{"name", TRY(text_at(part, "name"))}};
      for (const char* key : {"manufacturer", "part_id"})
        if (const yaml::Node* node = part.find(key);
            node != nullptr && node->is_scalar() && !node->is_null())
          item.set(key, node->text);
      items.emplace_back(std::move(item));
    }
    if (items.empty())
      return {};
    if (known_.insert(item_kind).second) {
      DeclaredKind item = characteristic_kind(item_kind, "a part that is built in");
      for (const char* name : {"name", "manufacturer", "part_id", "serial"})
        item.fields.push_back(field_with(name, {}, {}));
      domain_.kinds.push_back(std::move(item));
    }
    kind_.characteristics.push_back(
        field_with("inventory", list_of(Scalar::kind, item_kind), std::move(items)));
    return {};
  }

  const std::string& file_;
  const yaml::Node& root_;
  Domain& domain_;
  std::set<std::string>& known_;
  DeclaredKind kind_;
};

} // namespace

Result<Domain> domain_of_device_types(std::span<const ModelSource> sources, std::string name) {
  Domain domain;
  domain.name = std::move(name);
  std::set<std::string> known;
  for (const ModelSource& source : sources) {
    const yaml::Documents read = TRY(yaml::read_sound(source.name, source.text));
    for (const yaml::Node& root : read.documents)
      TRY(DeviceType(source.name, root, domain, known).add());
  }
  return domain;
}

} // namespace diffo::model
