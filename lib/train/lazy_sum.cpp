#include "mien/train/lazy_sum.h"

#include "lib/core/kernels_for.h"
#include "mien/base/error.h"

namespace mien {
namespace {

constexpr std::int64_t kMost = 1024;  // kept at once

}  // namespace

void LazySum::add(const Tensor& scalar, double weight) {
  MIEN_CHECK(scalar.numel() == 1, ShapeError, "LazySum: a scalar is required; got ",
             scalar.shape());
  const Device device = scalar.device();
  const bool keep = device != kCpu && scalar.dtype() == DType::f32;
  const bool here = keep && kept_.defined() && kept_.device() == device;
  if (!here || std::int64_t(weights_.size()) == kMost) settle();  // the order stays
  if (!keep) {
    sum_ += scalar.item() * weight;
    return;
  }
  if (!here) {
    kept_ = Tensor::empty({kMost}, {.device = device});
    weights_.reserve(std::size_t(kMost));
  }
  auto* const to = static_cast<float*>(kept_.raw()) + weights_.size();
  device_api(device).copy(to, scalar.raw(), sizeof *to, stream_of(scalar));
  weights_.push_back(weight);
}

double LazySum::value() const {
  settle();
  return sum_;
}

void LazySum::settle() const {
  if (weights_.empty()) return;
  const Tensor values = kept_.slice(0, std::int64_t(weights_.size())).to(kCpu);
  for (std::size_t i = 0; i < weights_.size(); ++i)
    sum_ += double(values.data<float>()[i]) * weights_[i];
  weights_.clear();
}

}  // namespace mien
