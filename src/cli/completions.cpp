#include "cli/completions.h"

#include "cli/exit_codes.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

namespace diffo::cli {
namespace {

struct Word {
  std::string name;
  std::string about;
};

struct OptionWords {
  std::vector<std::string> names; ///< with their dashes
  std::string about;
  bool takes_value = false;
  std::vector<std::string> values{}; ///< those that it may have; empty: any
};

/// What can stand behind a command.
struct Place {
  std::string path; ///< `diffo model`
  std::vector<Word> commands{};
  std::vector<OptionWords> options{};
  std::vector<std::string> words{}; ///< that an argument without a name may be
};

/// The library tells of them in the name of the type alone: `TEXT:{atomic,best}`.
std::vector<std::string> values_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t begin = type.find('{');
  const std::size_t end = type.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos)
    return {};
  return CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

void add_options(const CLI::App& app, Place& place) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      const auto values = values_of(*option);
      place.words.insert(place.words.end(), values.begin(), values.end());
      continue;
    }
    OptionWords words{.names = {},
                      .about = option->get_description(),
                      .takes_value = option->get_items_expected_max() > 0,
                      .values = values_of(*option)};
    for (const std::string& name : option->get_snames())
      words.names.push_back('-' + name);
    for (const std::string& name : option->get_lnames())
      words.names.push_back("--" + name);
    place.options.push_back(std::move(words));
  }
}

void add_places(const CLI::App& app, const std::string& path, std::vector<Place>& places) {
  Place place{.path = path};
  add_options(app, place);
  std::vector<const CLI::App*> below;
  for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (one->get_name().empty()) // a group of options
      add_options(*one, place);
    else if (!one->get_group().empty())
      below.push_back(one);
  }
  for (const CLI::App* one : below)
    place.commands.push_back({one->get_name(), one->get_description()});
  places.push_back(std::move(place));
  for (const CLI::App* one : below)
    add_places(*one, path + ' ' + one->get_name(), places);
}

/// In single quotes; a colon ends the name of a word for zsh.
std::string quoted(std::string_view text, std::string_view in_quotes) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' ? std::string(in_quotes) : std::string(1, c);
  return out + '\'';
}
constexpr std::string_view for_sh = "'\\''";
constexpr std::string_view for_fish = "\\'";

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words)
    out += (out.empty() ? "" : " ") + word;
  return out;
}

/// The branches of a case over what was typed: whither a command leads, and what options take.
std::string sh_commands(const std::vector<Place>& places) {
  std::string out;
  for (const Place& place : places)
    for (const Word& command : place.commands)
      out += (out.empty() ? "" : " | ") + quoted(place.path + ' ' + command.name, for_sh);
  return out;
}

template <typename Write>
std::string sh_values(const std::vector<Place>& places, const Write& write) {
  std::string out;
  for (const Place& place : places)
    for (const OptionWords& option : place.options) {
      if (!option.takes_value)
        continue;
      std::string patterns;
      for (const std::string& name : option.names)
        patterns += (patterns.empty() ? "" : " | ") + quoted(place.path + ' ' + name, for_sh);
      out += "    (" + patterns + ") " + write(option.values) + " ;;\n";
    }
  return out;
}

std::string bash_script(const std::vector<Place>& places) {
  std::string out =
      R"(# Completion for bash: source it, or put it into a folder that is read at login.
_diffo() {
  local word=${COMP_WORDS[COMP_CWORD]} place=diffo index words='' options=''
  for ((index = 1; index < COMP_CWORD; ++index)); do
    case "$place ${COMP_WORDS[index]}" in
    ()" +
      sh_commands(places) +
      R"() place+=" ${COMP_WORDS[index]}" ;;
    esac
  done
  COMPREPLY=()
  case "$place ${COMP_WORDS[COMP_CWORD - 1]}" in
)" +
      sh_values(places,
                [](const auto& values) {
                  return values.empty() ? std::string("return")
                                        : "words='" + joined(values) +
                                              "'; COMPREPLY=($(compgen -W \"$words\" -- "
                                              "\"$word\")); return";
                }) +
      "  esac\n  case $place in\n";
  for (const Place& place : places) {
    std::vector<std::string> words = place.words;
    for (const Word& command : place.commands)
      words.push_back(command.name);
    std::vector<std::string> options;
    for (const OptionWords& option : place.options)
      options.insert(options.end(), option.names.begin(), option.names.end());
    out += "    (" + quoted(place.path, for_sh) + ") words='" + joined(words) + "' options='" +
           joined(options) + "' ;;\n";
  }
  return out + R"(  esac
  [[ $word == -* ]] && words=$options
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _diffo diffo
)";
}

std::string zsh_word(const std::string& name, const std::string& about) {
  std::string escaped;
  for (const char c : name)
    escaped += c == ':' ? std::string("\\:") : std::string(1, c);
  return ' ' + quoted(escaped + ':' + about, for_sh);
}

std::string zsh_script(const std::vector<Place>& places) {
  std::string out = R"(#compdef diffo
# Completion for zsh: source it, or put it as _diffo into a folder of fpath.
_diffo() {
  local place=diffo index
  local -a commands options
  for ((index = 2; index < CURRENT; ++index)); do
    case "$place ${words[index]}" in
    ()" + sh_commands(places) +
                    R"() place+=" ${words[index]}" ;;
    esac
  done
  case "$place ${words[CURRENT - 1]}" in
)" +
                    sh_values(places,
                              [](const auto& values) {
                                return values.empty() ? std::string("_files; return")
                                                      : "compadd -- " + joined(values) + "; return";
                              }) +
                    "  esac\n  case $place in\n";
  for (const Place& place : places) {
    out += "    (" + quoted(place.path, for_sh) + ") commands=(";
    for (const Word& command : place.commands)
      out += zsh_word(command.name, command.about);
    for (const std::string& word : place.words)
      out += ' ' + quoted(word, for_sh);
    out += " ) options=(";
    for (const OptionWords& option : place.options)
      for (const std::string& name : option.names)
        out += zsh_word(name, option.about);
    out += " ) ;;\n";
  }
  return out + R"(  esac
  if [[ ${words[CURRENT]} == -* ]]; then
    _describe -o option options
  elif (($#commands)); then
    _describe command commands
  else
    _files
  fi
}
if [[ ${funcstack[1]} == _diffo ]]; then _diffo "$@"; else compdef _diffo diffo; fi
)";
}

std::string fish_option(const std::string& condition, const OptionWords& option) {
  std::string line = "complete -c diffo -n " + condition;
  for (const std::string& name : option.names)
    line.append(name.starts_with("--") ? " -l " : " -s ").append(name, name.find_first_not_of('-'));
  if (option.takes_value)
    line += option.values.empty() ? std::string(" -r")
                                  : " -x -a " + quoted(joined(option.values), for_fish);
  return line + " -d " + quoted(option.about, for_fish) + '\n';
}

std::string fish_script(const std::vector<Place>& places) {
  std::string known;
  for (const Place& place : places)
    known += ' ' + quoted(place.path, for_fish);
  std::string out = R"(# Completion for fish: put it as diffo.fish into ~/.config/fish/completions.
function __diffo_place
  set -l place diffo
  set -l words (commandline -opc)
  set -e words[1]
  for word in $words
    if contains -- "$place $word")" +
                    known + R"(
      set place "$place $word"
    end
  end
  echo $place
end
)";
  for (const Place& place : places) {
    const std::string condition = quoted("test (__diffo_place) = \"" + place.path + '"', for_fish);
    for (const Word& command : place.commands)
      out += "complete -c diffo -n " + condition + " -f -a " + command.name + " -d " +
             quoted(command.about, for_fish) + '\n';
    for (const std::string& word : place.words)
      out.append("complete -c diffo -n ").append(condition).append(" -f -a ").append(word + '\n');
    for (const OptionWords& option : place.options)
      out += fish_option(condition, option);
  }
  return out;
}

} // namespace

int completions(const CLI::App& root, const std::string& shell) {
  std::vector<Place> places;
  add_places(root, root.get_name(), places);
  const std::string script = shell == "bash"  ? bash_script(places)
                             : shell == "zsh" ? zsh_script(places)
                                              : fish_script(places);
  std::fputs(script.c_str(), stdout);
  return exit_ok;
}

} // namespace diffo::cli
