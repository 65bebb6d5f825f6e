#include "lib/runtime/environment.h"

#include <atomic>
#include <cstdlib>
#include <mutex>

#include "kernels/cpu/isa.h"
#include "kernels/cuda/api.h"
#include "lib/runtime/profile.h"
#include "mien/base/error.h"
#include "mien/runtime.h"

namespace mien {
namespace {

constexpr std::string_view kIsaNames[] = {"base", "avx2", "avx512", "neon"};

void choose_isa(std::string_view name) {
  for (int i = 0; i < kIsas; ++i) {
    if (kIsaNames[i] != name) continue;
    MIEN_CHECK(runs(Isa(i)), ValueError, "instruction set ", name,
               ": this machine or build runs no better than ", kIsaNames[int(best_isa())]);
    set_active_isa(Isa(i));
    return;
  }
  MIEN_CHECK(false, ValueError, "instruction set must be base, avx2, avx512 or neon; got ", name);
}

}  // namespace

std::string_view cpu_isa() {
  apply_environment();
  return kIsaNames[int(active_isa())];
}

void set_cpu_isa(std::string_view name) {
  apply_environment();  // so that a later first use does not overrule this call
  choose_isa(name);
}

namespace {
std::atomic<ConvMath> chosen_math{ConvMath::automatic};
std::atomic<MatmulMath> chosen_matmul{MatmulMath::exact};
}  // namespace

void set_kernels_wait(bool wait) {
  apply_environment();
  set_cuda_waits(wait);
}
bool kernels_wait() {
  apply_environment();
  return cuda_waits();
}

ConvMath conv_math() { return chosen_math.load(std::memory_order_relaxed); }
void set_conv_math(ConvMath math) { chosen_math.store(math, std::memory_order_relaxed); }

MatmulMath float32_matmul() { return chosen_matmul.load(std::memory_order_relaxed); }
void set_float32_matmul(MatmulMath math) { chosen_matmul.store(math, std::memory_order_relaxed); }

void apply_environment() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (const char* isa = std::getenv("MIEN_ISA")) choose_isa(isa);
    if (const char* wait = std::getenv("MIEN_CUDA_WAIT"))
      set_cuda_waits(std::string_view(wait) != "0" && *wait != '\0');
    if (const char* profile = std::getenv("MIEN_PROFILE")) start_profile(profile);
  });
}

}  // namespace mien
