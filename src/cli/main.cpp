#include <diffo/program.h>

int main(int argc, char** argv) {
  return diffo::run_program(argc, argv);
}
