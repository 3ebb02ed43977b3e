#include "tmf/decode.h"

#include "tmf/check.h"
#include "tmf/document_reader.h"

#include <algorithm>
#include <utility>

namespace diffo::tmf {

bool is_valid_id(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '?' || c == '#';
  });
}

Result<graph::RecordDraft> decode(const json::Value& document, model::Api api,
                                  model::Version version, const DecodeContext& context) {
  std::vector<Error> problems = problems_of(document, api, version);
  const std::string_view id = document.text_of("id");
  const json::Value* given = document.find("id");
  if (given != nullptr && given->is_string() && !is_valid_id(id))
    problems.push_back({ErrorCode::invalid,
                        "id must have 1 to 255 bytes without control characters, /, ? and #",
                        "/id"});
  if (!problems.empty())
    return error_of(std::move(problems));
  graph::RecordDraft draft;
  draft.key = {context.principal.tenant, model::family_of(api),
               id.empty() ? context.new_id() : std::string(id)};
  draft.root = DocumentReader(api, version, Origin::post).read(document.object());
  return draft;
}

} // namespace diffo::tmf
