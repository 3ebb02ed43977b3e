#pragma once

#include "model/attributes.h"

#include <string_view>

/// How rows of the table of attributes are written down: for those who add rows alone.
namespace diffo::model::rows {

/// A row while it is written down: each call says one thing more of the attribute.
struct Row {
  Attribute row;

  [[nodiscard]] constexpr Row v4_only() const { return formed(row.v4, Form::none); }
  [[nodiscard]] constexpr Row v5_only() const { return formed(Form::none, row.v5); }
  [[nodiscard]] constexpr Row unpublished() const { return formed(Form::none, Form::none); }
  [[nodiscard]] constexpr Row formed(Form v4, Form v5) const {
    Row next = *this;
    next.row.v4 = v4;
    next.row.v5 = v5;
    return next;
  }
  [[nodiscard]] constexpr Row extra() const { return at(Home::extra); }
  [[nodiscard]] constexpr Row derived() const { return at(Home::derived); }
  [[nodiscard]] constexpr Row around(std::string_view kept_as = {}) const {
    Row next = *this;
    next.row.of = Of::around;
    next.row.kept_as = kept_as;
    return next;
  }
  [[nodiscard]] constexpr Row reference() const {
    Row next = *this;
    next.row.of = Of::reference;
    return next;
  }
  [[nodiscard]] constexpr Row read_as(Reading reading) const {
    Row next = *this;
    next.row.reading = reading;
    return next;
  }
  [[nodiscard]] constexpr Row words(std::string_view words) const {
    Row next = *this;
    next.row.words = words;
    return next;
  }
  [[nodiscard]] constexpr Row words(const Vocabulary& vocabulary) const {
    Row next = *this;
    next.row.vocabulary = &vocabulary;
    return next;
  }
  [[nodiscard]] constexpr Row schema(std::string_view schema) const {
    Row next = *this;
    next.row.schema = schema;
    return next;
  }
  [[nodiscard]] constexpr Row demanded() const {
    Row next = *this;
    next.row.demanded_v4 = next.row.demanded_v5 = true;
    return next;
  }
  [[nodiscard]] constexpr Row demanded_in(Version version) const {
    Row next = *this;
    (version == Version::v4 ? next.row.demanded_v4 : next.row.demanded_v5) = true;
    return next;
  }
  [[nodiscard]] constexpr Row fixed() const {
    Row next = *this;
    next.row.fixed = true;
    return next;
  }
  [[nodiscard]] constexpr Row supplied(std::string_view json) const {
    Row next = *this;
    next.row.supplied = json;
    return next;
  }
  [[nodiscard]] constexpr Row stamped() const {
    Row next = *this;
    next.row.stamped = true;
    return next;
  }
  [[nodiscard]] constexpr Row tells(Tells what) const {
    Row next = *this;
    next.row.tells = what;
    return next;
  }
  [[nodiscard]] constexpr Row or_else(Otherwise otherwise) const {
    Row next = *this;
    next.row.otherwise = otherwise;
    return next;
  }
  /// What is shown in a version for what came without it in the other one.
  [[nodiscard]] constexpr Row stands_in(Version version, StandIn stand_in) const {
    Row next = *this;
    (version == Version::v4 ? next.row.stand_in_v4 : next.row.stand_in_v5) = stand_in;
    return next;
  }
  [[nodiscard]] constexpr Row in_newer_resource(std::string_view name) const {
    Row next = *this;
    next.row.name_in_newer_resource = name;
    return next;
  }
  [[nodiscard]] constexpr Row of_class(std::string_view name) const {
    Row next = *this;
    next.row.only_class = name;
    return next;
  }
  /// The property of its node in a graph database.
  [[nodiscard]] constexpr Row node(std::string_view property) const {
    Row next = *this;
    next.row.property = property;
    return next;
  }
  [[nodiscard]] constexpr Row encoded(graph::PropertyEncoding encoding) const {
    Row next = *this;
    next.row.encoding = encoding;
    return next;
  }
  [[nodiscard]] constexpr Row index(graph::IndexNumber number) const {
    Row next = *this;
    next.row.index = number;
    return next;
  }

private:
  [[nodiscard]] constexpr Row at(Home home) const {
    Row next = *this;
    next.row.home = home;
    return next;
  }
};

constexpr Row attribute(std::string_view name, Form form, Reading reading) {
  Row row;
  row.row.name = name;
  row.row.v4 = row.row.v5 = form;
  row.row.reading = reading;
  return row;
}
constexpr Row text(std::string_view name) {
  return attribute(name, Form::text, Reading::text);
}
constexpr Row date(std::string_view name) {
  return attribute(name, Form::text, Reading::instant)
      .schema("date-time")
      .encoded(graph::PropertyEncoding::instant);
}
constexpr Row flag(std::string_view name) {
  return attribute(name, Form::boolean, Reading::value).encoded(graph::PropertyEncoding::boolean);
}
constexpr Row number(std::string_view name) {
  return attribute(name, Form::number, Reading::value);
}
constexpr Row any(std::string_view name) {
  return attribute(name, Form::any, Reading::value).encoded(graph::PropertyEncoding::json_text);
}
constexpr Row texts(std::string_view name) {
  return attribute(name, Form::texts, Reading::text).extra();
}
constexpr Row object(std::string_view name, graph::ElementKind shape = 0) {
  Row row = attribute(name, Form::object, Reading::value).extra();
  row.row.holds = shape;
  return row;
}
/// The reference in the object around it.
constexpr Row inner(std::string_view name) {
  Row row = object(name).around();
  row.row.home = Home::inner;
  return row;
}
constexpr Row objects(std::string_view name, graph::ElementKind shape = 0) {
  return object(name, shape).formed(Form::objects, Form::objects);
}
constexpr Row parts(std::string_view name, graph::ElementKind kind) {
  Row row = objects(name, kind);
  row.row.home = Home::part;
  return row;
}
constexpr Row edges(std::string_view name, graph::ElementKind kind) {
  Row row = objects(name, kind);
  row.row.home = Home::edge;
  return row;
}
constexpr Row edge(std::string_view name, graph::ElementKind kind) {
  return edges(name, kind).formed(Form::object, Form::object);
}

} // namespace diffo::model::rows
