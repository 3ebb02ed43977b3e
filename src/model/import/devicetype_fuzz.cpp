#include "model/domain/loader.h"
#include "model/domain/print.h"
#include "model/domain/verify.h"
#include "model/domain/yaml.h"
#include "model/import/devicetype.h"

#include <cstdio>
#include <cstdlib>

/// Any bytes: what is taken for device types is written as YAML and read again as the same model.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace diffo;
  using namespace diffo::model;
  const ModelSource source{"input", {reinterpret_cast<const char*>(data), size}};
  const auto domain = domain_of_device_types({&source, 1}, "Devices");
  if (!domain)
    return 0;
  const std::string text = yaml::to_text(to_json(*domain));
  if (text.size() > yaml::Limits().max_bytes || !verify({{*domain}}).empty())
    return 0;
  const ModelSource again{"again", text};
  const LoadedModel second = load_model({&again, 1});
  if (second.problems.empty() && second.model.domains.size() == 1 &&
      second.model.domains.front() == *domain)
    return 0;
  std::fprintf(stderr, "%s\n", text.c_str());
  std::abort();
}
