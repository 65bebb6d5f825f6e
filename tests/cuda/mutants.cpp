#include "tests/cuda/mutants.h"

#include <array>
#include <cstdlib>
#include <fstream>

// Stands beside the emulator in the mutation test's tree, where ThreadSanitizer does not look.

namespace mien::mutants {
namespace {

const int chosen = [] {
  const char* number = std::getenv("MIEN_MUTANT");
  return number ? std::atoi(number) : -1;
}();

// Writes what was reached to the file of this name when the program ends.
struct Reached {
  const char* path = std::getenv("MIEN_MUTANTS_REACHED");
  std::array<int, 1 << 14> mutants{};  // a hash table; 0 for none
  ~Reached() {
    if (!path) return;
    std::ofstream file(path);
    for (const int mutant : mutants)
      if (mutant) file << mutant << '\n';
  }
  void add(int mutant) {
    std::size_t at = unsigned(mutant) * 2654435761u >> 18;
    while (mutants[at] != mutant && mutants[at] != 0) at = (at + 1) % mutants.size();
    mutants[at] = mutant;
  }
};
Reached reached;

}  // namespace

bool is_chosen(int mutant) {
  if (reached.path && mutant >= 0) reached.add(mutant);
  return mutant == chosen && mutant >= 0;
}

}  // namespace mien::mutants
