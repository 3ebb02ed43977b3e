#include "tmf/diffo_profile.h"

#include "tmf/emit.h"

namespace diffo::tmf {

void emit_diffo_profile(const graph::Record& record, const graph::Revision&, std::string& json) {
  emit(record, Version::v4, {}, nullptr, json);
}

} // namespace diffo::tmf
