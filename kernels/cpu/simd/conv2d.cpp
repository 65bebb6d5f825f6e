// conv2d: picks the family of algorithms for a convolution.
#include "kernels/cpu/simd/kernels.h"

namespace mien::cpu {

// The portable kernels of kernels/cpu/conv2d.cpp.
template <class T>
Plan conv2d_plan(const Conv2dArgs&);
template <class T>
void conv2d(const Conv2dArgs&, const Plan&, void* scratch, StreamHandle);
const char* conv2d_name(const Conv2dArgs&, const Plan&);

}  // namespace mien::cpu

namespace mien::cpu::MIEN_ISA {
namespace {

const char* few_channels_name(const Conv2dArgs&, const Plan&) { return "few channels"; }
const char* direct_name(const Conv2dArgs&, const Plan&) { return "direct"; }

struct Family {
  std::uint16_t algorithm;
  bool (*plan)(const Conv2dArgs&, Plan&);
  void (*run)(const Conv2dArgs&, const Plan&, void* scratch);
  const char* (*name)(const Conv2dArgs&, const Plan&);
  std::size_t (*pack)(const Conv2dArgs&, const Plan&, void* to) = nullptr;
};
// The first whose plan takes the work does it.
constexpr Family kFamilies[] = {
    {few_channels, few_channels_plan, few_channels_run, few_channels_name},
    {winograd, winograd_plan, winograd_run, winograd_name, winograd_pack},
    {winograd_weights, winograd_weights_plan, winograd_weights_run, winograd_weights_name},
    {direct_weights, direct_weights_plan, direct_weights_run, direct_name},
    {direct, direct_plan, direct_run, direct_name, direct_pack},
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

const char* conv2d_name(const Conv2dArgs& a, const Plan& plan) {
  for (const Family& family : kFamilies)
    if (family.algorithm == plan.algorithm) return family.name(a, plan);
  return cpu::conv2d_name(a, plan);
}

}  // namespace mien::cpu::MIEN_ISA
