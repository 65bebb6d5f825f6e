#pragma once

#include <vector>

// Kernels with faults planted in them, each beside its correct self: what the emulated device must
// find, and must not find.

namespace mien::planted {

struct Result {
  std::vector<float> got, expected;
};

/// Who finds a fault: wrong numbers, or bits that depend on the order; the emulator itself, with a
/// text; or only a sanitizer.
enum class Finder { numbers, emulator, sanitizer };

struct Planted {
  const char* name;  // faults in faulty_kernels.cu are marked with it, for the sanitizers' reports
  Result (*faulty)();  // each runs once, in the behaviour that is chosen
  Result (*correct)();
  Finder finder;
  const char* text = "";  // of the emulator's report, a part
};

/// Every planted fault.
const std::vector<Planted>& all();

}  // namespace mien::planted
