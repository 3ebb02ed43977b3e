#include "rules/precedence.h"

#include "outstanding/leaf.h"

#include <algorithm>
#include <utility>

namespace diffo::rules {

Precedence Precedence::preceded_by(std::vector<AttributeOrder> orders) const {
  Precedence precedence(rules_);
  precedence.orders_ = std::move(orders);
  return precedence;
}

std::size_t Precedence::rank(std::string_view source, std::string_view address) const {
  for (const auto& [attribute, sources] : orders_)
    if (outstanding::lies_in(address, attribute)) {
      const auto found = std::find(sources.begin(), sources.end(), source);
      return found != sources.end() ? static_cast<std::size_t>(found - sources.begin())
                                    : sources.size() + configured_rank(source, address);
    }
  return configured_rank(source, address);
}

std::size_t Precedence::configured_rank(std::string_view source, std::string_view address) const {
  for (std::size_t rank = 0; rank < rules_.size(); ++rank) {
    const SourceRule& rule = rules_[rank];
    if (rule.name != source)
      continue;
    const bool believed =
        rule.attributes.empty() || std::any_of(rule.attributes.begin(), rule.attributes.end(),
                                               [address](const std::string& one) {
                                                 return outstanding::lies_in(address, one);
                                               });
    return believed ? rank : rules_.size();
  }
  return rules_.size();
}

const SourceRule* Precedence::rule(std::string_view source) const {
  const auto found = std::find_if(rules_.begin(), rules_.end(),
                                  [source](const SourceRule& one) { return one.name == source; });
  return found == rules_.end() ? nullptr : &*found;
}

Ruling Precedence::judge(const Said& said, const Said& held, std::string_view address) const {
  const std::size_t mine = rank(said.source, address);
  const std::size_t theirs = rank(held.source, address);
  // What somebody wrote over the API is taken back by what was seen later alone.
  if (mine < theirs && held.source != api_source)
    return Ruling::takes;
  if (said.at < held.at)
    return Ruling::stale;
  if (mine <= theirs)
    return Ruling::takes;
  const SourceRule* holder = rule(held.source);
  const bool is_stale =
      holder != nullptr && holder->stale_after && said.at - held.at > *holder->stale_after;
  return is_stale ? Ruling::takes : Ruling::weaker;
}

} // namespace diffo::rules
