// conv2d: picks the family of algorithms for a convolution.
#include "kernels/cpu/simd/kernels.h"

namespace mien::cpu {

// The portable kernels of kernels/cpu/conv2d.cpp.
template <class T>
Plan conv2d_plan(const Conv2dArgs&);
template <class T>
void conv2d(const Conv2dArgs&, const Plan&, void* scratch, StreamHandle);

}  // namespace mien::cpu

namespace mien::cpu::MIEN_ISA {
namespace {

struct Family {
  std::uint16_t algorithm;
  bool (*plan)(const Conv2dArgs&, Plan&);
  void (*run)(const Conv2dArgs&, const Plan&, void* scratch);
  std::size_t (*pack)(const Conv2dArgs&, const Plan&, void* to) = nullptr;
};
// The first whose plan takes the work does it.
constexpr Family kFamilies[] = {
    {few_channels, few_channels_plan, few_channels_run},
    {direct_weights, direct_weights_plan, direct_weights_run},
    {direct, direct_plan, direct_run, direct_pack},
};

}  // namespace

Plan conv2d_plan(const Conv2dArgs& a) {
  if (a.math != ConvMath::reference) {
    for (const Family& family : kFamilies) {
      Plan plan{0, 0, 0, 0};  // a constructor would be an inline function
      if (family.plan(a, plan)) {
        plan.algorithm = family.algorithm;
        return plan;
      }
    }
  }
  return cpu::conv2d_plan<float>(a);
}

std::size_t conv2d_pack(const Conv2dArgs& a, const Plan& plan, void* to) {
  for (const Family& family : kFamilies)
    if (family.algorithm == plan.algorithm) return family.pack ? family.pack(a, plan, to) : 0;
  return 0;
}

void conv2d(const Conv2dArgs& a, const Plan& plan, void* scratch, StreamHandle stream) {
  for (const Family& family : kFamilies)
    if (family.algorithm == plan.algorithm) return family.run(a, plan, scratch);
  cpu::conv2d<float>(a, plan, scratch, stream);
}

}  // namespace mien::cpu::MIEN_ISA
