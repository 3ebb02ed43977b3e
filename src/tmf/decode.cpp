#include "tmf/decode.h"

#include "base/text.h"
#include "model/schema.h"
#include "tmf/check.h"
#include "tmf/document_reader.h"
#include "tmf/supply.h"

#include <string>
#include <utility>

namespace diffo::tmf {

Result<graph::RecordDraft> decode(const json::Value& document, model::Api api,
                                  model::Version version, const graph::Schema& schema,
                                  const DecodeContext& context) {
  std::vector<Error> problems = problems_of(document, api, version, model::model_of(schema));
  const std::string_view id = document.text_of("id");
  const json::Value* given = document.find("id");
  if (given != nullptr && given->is_string() && !is_id(id))
    problems.push_back({ErrorCode::invalid, std::string(id_rule), "/id"});
  if (!problems.empty())
    return joined(std::move(problems));
  graph::RecordDraft draft;
  draft.key = {context.principal.tenant, model::family_of(api),
               id.empty() ? context.new_id() : std::string(id)};
  draft.root = DocumentReader(schema, api, version, Origin::post).read(document.object());
  supply(draft.root, api, context.now, schema);
  return draft;
}

} // namespace diffo::tmf
