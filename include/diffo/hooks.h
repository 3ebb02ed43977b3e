#pragma once

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Functions in C++ that a model asks for by name: `hook:` of a calculation, and of an action
/// (domain.md §14). A program that has some is made with <diffo/program.h>; how they are tested
/// and run is in docs/guide/hooks.md.
///
///     registry.calculation("total_ports", [](CalculationCall& call) -> Result<json::Value> {
///       std::int64_t total = 0;
///       for (const Record& card : TRY(call.along(call.instance().id, {"->contains"})))
///         total += card.at("ports.size").if_integer() ? card.at("ports.size").integer() : 0;
///       return json::Value(total);
///     });
///
/// A function is pure and quick: it works out what it returns from what it is given, waits for
/// nothing, writes nothing and keeps nothing. It is called from several threads at once, on those
/// that serve; and several times for one request, since a decision that meets another is made
/// again, and a store may first have to fetch what it asks for: then what was read is absent, and
/// what is returned is thrown away. An exception that leaves it is caught.
namespace diffo::hooks {

/// Which record. A plain value.
struct Id {
  std::string family{}; ///< service, resource, place, party
  std::string id{};
  friend bool operator==(const Id&, const Id&) = default;
};

/// A relationship of an instance to another, which need not be there. A plain value.
struct Relationship {
  std::string type{};
  std::string alias{};
  Id to{};
  friend bool operator==(const Relationship&, const Relationship&) = default;
};

/// A place or party beside a record, in a role. A plain value.
struct Related {
  std::string role{};
  Id to{};
  friend bool operator==(const Related&, const Related&) = default;
};

/// An instance, place or party. A plain value.
struct Record {
  Id id{};
  std::string kind{};             ///< of the model; empty: of none
  bool expected = false;          ///< an instance that is to be, not one that is
  json::Object attributes{};      ///< of the first level, hidden ones too; as TMF638 v4 names them
  json::Object characteristics{}; ///< by name, as they are on the wire; pools among them
  json::Object features{};        ///< by name: {isEnabled, characteristics}
  std::vector<Relationship> relationships{}; ///< in their order, without what was assigned
  std::vector<Related> places{};
  std::vector<Related> parties{};

  /// The value at `name`, `card` or `card.family`: of a characteristic, else of an attribute. A
  /// range of a pool has a `size`. Null for what there is not.
  [[nodiscard]] json::Value at(std::string_view path) const;
};

/// Reads records of the instance's own tenant. At most `most_read` are handed out for one value
/// or one action; whoever asks for more gets too_large, and what it returns does not count.
class Reader {
public:
  static constexpr std::size_t most_read = 1000;

  virtual ~Reader() = default;
  /// Nothing where it is not there. Errors: invalid for another family; too_large.
  virtual Result<std::optional<Record>> find(const Id& id) = 0;
  /// Those at the end of a chain as model files write it, `{"->contains", "=>slot"}` (domain.md
  /// §3, §13.1), each once. Errors: invalid for what is no chain; too_large.
  virtual Result<std::vector<Record>> along(const Id& from,
                                            const std::vector<std::string>& chain) = 0;
};

/// What a function works a calculation out from. Everything it reads stands in `why` and in the
/// tag of what shows it.
class CalculationCall : public Reader {
public:
  [[nodiscard]] virtual const Record& instance() const = 0;
  /// The calculation, for a function that several have.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Microseconds since 1970, UTC. The clock is no part of the tag.
  [[nodiscard]] virtual std::int64_t now() const = 0;
  /// All values at a path as `count` has them: of what is inherited, of a characteristic, of
  /// another calculation; none where there are none. Errors: too_large; invalid for what is worked
  /// out from itself.
  virtual Result<std::vector<json::Value>> values(std::string_view path) = 0;
};

/// Who asks for an action. A plain value.
struct Caller {
  std::uint32_t tenant = 0;
  std::string actor{}; ///< empty: nobody is known
  std::vector<std::string> roles{};
};

/// What a function looks at before an action is done. All that holds of the kind has been checked:
/// values are typed, defaults are there, the transition is allowed.
class ActionCall : public Reader {
public:
  /// A null pointer where it is being made.
  [[nodiscard]] virtual const Record* before() const = 0;
  /// As it will be, but for what the function changes.
  [[nodiscard]] virtual const Record& after() const = 0;
  /// The action, for a function that several have.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// As they were given; none where a document of the standard does what the action does.
  [[nodiscard]] virtual const json::Object& arguments() const = 0;
  [[nodiscard]] virtual const Caller& caller() const = 0;
  /// Microseconds since 1970, UTC: the same however often the function is called for one request.
  [[nodiscard]] virtual std::int64_t now() const = 0;
};

/// What an action changes beside. Null takes away. A plain value.
struct Changes {
  json::Object attributes{};
  /// Laid over those that are there, as `define` does.
  json::Object characteristics{};
};

/// The value; an error where there is none, whose message is the reason that `why` tells. The
/// request goes on. Null is a value too. What is not of the type that the model says is none.
using Calculation = std::function<Result<json::Value>(CalculationCall&)>;

/// What it changes, which is judged as if the client had said it; an error refuses the action, and
/// reaches the client as it is.
using Action = std::function<Result<Changes>(ActionCall&)>;

/// Functions by name. Thread rule: filled by one thread, then immutable.
class Registry {
public:
  /// The later of two with one name counts.
  Registry& calculation(std::string name, Calculation function);
  Registry& action(std::string name, Action function);

  /// A null pointer for none.
  [[nodiscard]] const Calculation* calculation(std::string_view name) const;
  [[nodiscard]] const Action* action(std::string_view name) const;

private:
  std::map<std::string, Calculation, std::less<>> calculations_;
  std::map<std::string, Action, std::less<>> actions_;
};

/// Held by all models of a program. A null pointer: it has none.
using SharedRegistry = std::shared_ptr<const Registry>;

} // namespace diffo::hooks
