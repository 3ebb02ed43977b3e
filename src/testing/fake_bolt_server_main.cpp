// Plays a script for clients of other languages: diffo_bolt_fake_server SCRIPT [NAME=VALUE…]
// Prints the port, plays until its input ends, then prints what went wrong; exit 1 if anything did.
#include "testing/fake_bolt_server.h"

#include <cstdio>
#include <fstream>
#include <sstream>

using namespace diffo::bolt::fake;

int main(int count, char** words) {
  if (count < 2) {
    std::fprintf(stderr, "usage: diffo_bolt_fake_server SCRIPT [NAME=VALUE...]\n");
    return 2;
  }
  std::ifstream file(words[1]);
  std::stringstream text;
  text << file.rdbuf();
  auto server = Server::open({});
  if (!file || !server) {
    std::fprintf(stderr, "cannot read %s or listen\n", words[1]);
    return 2;
  }
  std::map<std::string, std::string> variables{{"PORT", std::to_string((*server)->port())}};
  for (int i = 2; i < count; ++i) {
    const std::string word = words[i];
    variables[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  auto script = read_script(text.str(), variables);
  if (!script) {
    std::fprintf(stderr, "%s\n", script.error().text().c_str());
    return 2;
  }
  (*server)->play(std::move(*script));
  std::printf("%d\n", (*server)->port());
  (void)std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  const std::vector<std::string> problems = (*server)->finish();
  for (const std::string& problem : problems)
    std::fprintf(stderr, "%s\n", problem.c_str());
  return problems.empty() ? 0 : 1;
}
