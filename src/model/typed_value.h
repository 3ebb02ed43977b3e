#pragma once

#include "model/declared.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::model {

/// A value of the right type that its field does not allow.
struct OutOfRange {
  std::string path; ///< a JSON pointer
  const Type* type = nullptr;
};

/// Reads values of declared types from documents, and says all that is wrong with them. What it
/// returns is how they are kept and shown: members under their names on the wire, in the order of
/// their declaration, without nulls. Thread rule: one thread.
class TypedReader {
public:
  /// Whether a value of the right type must also be one that the field allows.
  enum class Ranges : std::uint8_t { checked, ignored };

  /// Both outlive it. Problems are invalid, with a JSON pointer each.
  TypedReader(const DeclaredKinds& kinds, std::vector<Error>& problems,
              Ranges ranges = Ranges::checked)
      : kinds_(kinds), problems_(problems), ranges_(ranges) {}

  /// What is not allowed is told here, too, whether or not it is checked.
  void tell_ranges(std::vector<OutOfRange>& found) { out_of_range_ = &found; }

  /// A value of a field. Null is none: then the default counts, and what is required is missing.
  json::Value read(const Field& field, const json::Value& given, const std::string& path);
  /// The same without the default and without the question whether it is required.
  json::Value read(const Type& type, const json::Value& given, const std::string& path);
  /// A value of a characteristic kind. Fields are known by their names on the wire and by those of
  /// their declaration (`device_name`, `deviceName`).
  json::Value read_object(const DeclaredKind& kind, const json::Object& given,
                          const std::string& path);

private:
  json::Value read_one(const Type& type, const json::Value& given, const std::string& path);
  void check_text(const Type& type, const std::string& text, const std::string& path);
  void check_number(const Type& type, const json::Value& number, const std::string& path);
  void check_list(const Type& type, const json::Array& items, const std::string& path);
  void refuse(const std::string& path, std::string message);
  /// What has the right type and is not allowed.
  void refuse_range(const Type& type, const std::string& path, std::string message);

  const DeclaredKinds& kinds_;
  std::vector<Error>& problems_;
  Ranges ranges_;
  std::vector<OutOfRange>* out_of_range_ = nullptr;
};

/// `first_name` as `firstName`.
std::string camel_case(std::string_view name);

/// What counts where nothing is given, as it is on the wire; null: nothing.
json::Value default_of(const DeclaredKinds& kinds, const Field& field);

/// What lays the values of `more` over those of `base`: for a characteristic kind member by member,
/// a null taking one away; else all of it. Names in `more` may be those of the declaration.
json::Value laid_over(const DeclaredKinds& kinds, const Type& type, const json::Value& base,
                      const json::Value& more);

/// The fields of a characteristic kind as they are on the wire: one of its own, or several as one
/// object.
struct WireMember {
  std::string_view name;
  const Field* field = nullptr; ///< else
  const Group* group = nullptr;
};
/// In the order of their declaration; an object stands where the first of its fields does.
std::vector<WireMember> wire_members(const DeclaredKind& kind);

} // namespace diffo::model
