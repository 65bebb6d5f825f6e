// Convolution, activation and pooling as one step of a prediction.
#include <algorithm>
#include <mutex>
#include <vector>

#include "lib/core/kernels_for.h"
#include "lib/nn/layer_config.h"
#include "lib/nn/prediction_step.h"
#include "lib/ops/conv2d_args.h"
#include "lib/runtime/allocator.h"
#include "mien/base/error.h"

namespace mien::nn {
namespace {

// A weight as the kernel of each plan wants it; plans differ with the number of images.
class PackedWeights {
 public:
  // Null where the plan or the device has no such form.
  const void* get(const Conv2dArgs& args, const Plan& plan, const KernelTable& kernels,
                  const Tensor& weight) const {
    if (!kernels.conv2d_pack) return nullptr;
    const std::lock_guard lock(mutex_);
    for (const Packed& each : packed_)
      if (each.algorithm == plan.algorithm && each.tile == plan.tile) return each.bytes();
    const std::size_t bytes = kernels.conv2d_pack(args, plan, nullptr);
    Packed made{plan.algorithm, plan.tile, {}};
    if (bytes > 0) {
      made.weight =
          Tensor::empty({std::int64_t(bytes)}, {.dtype = DType::u8, .device = weight.device()});
      kernels.conv2d_pack(args, plan, made.weight.raw());
    }
    packed_.push_back(std::move(made));
    return packed_.back().bytes();
  }

 private:
  struct Packed {
    std::uint16_t algorithm, tile;
    Tensor weight;
    const void* bytes() const { return weight.defined() ? weight.raw() : nullptr; }
  };
  mutable std::mutex mutex_;
  mutable std::vector<Packed> packed_;
};

class ConvStep final : public PredictionStep {
 public:
  ConvStep(FoldedWeight weight, const Conv2dOptions& options, Act act,
           std::optional<Pool2dOptions> pool)
      : weight_(std::move(weight)), options_(options), act_(act), pool_(pool) {
    const bool halves = pool_ && pool_->size == std::array{2, 2} &&
                        pool_->stride == std::array{2, 2} && pool_->padding == Padding::valid;
    const std::int64_t c = weight_.weight.shape()[3];
    if (halves && (act_ == Act::none || act_ == Act::relu)) {
      zeros_ = Tensor::zeros({c}, weight_.weight.options());
      ones_ = Tensor::ones({c}, weight_.weight.options());
    }
  }

  Tensors run(std::span<const Tensor> in) const override {
    const Tensor& x = in[0];
    Conv2dArgs args = conv2d_args("conv2d", x.shape(), weight_.weight.shape(), options_);
    args.weight = weight_.weight.raw();
    args.bias = weight_.bias.defined() ? weight_.bias.raw() : nullptr;
    if (zeros_.defined() && args.oh >= 2 && args.ow >= 2) return pooled(x, args);
    Tensor y = Tensor::empty({args.n, args.oh, args.ow, args.oc}, x.options());
    compute(x, args, x.raw(), y.raw());
    if (!pool_) return activated(y, act_);
    return max_pool2d(activated(y, act_), *pool_);
  }

  std::string str() const override {
    const Shape& w = weight_.weight.shape();
    std::string out = concat("conv2d ", w[0], "x", w[1], "x", w[3]);
    if (act_ != Act::none) out += concat(", ", name_of(act_));
    if (pool_) out += concat(", max_pool2d ", pool_->size[0], "x", pool_->size[1]);
    return out;
  }

 private:
  void compute(const Tensor& x, Conv2dArgs& args, void* from, void* to) const {
    const KernelTable& kernels = kernels_for(x);
    args.x = from;
    args.y = to;
    args.packed_weight = nullptr;
    Plan plan = kernels.conv2d_plan(args);
    args.packed_weight = packed_.get(args, plan, kernels, weight_.weight);
    plan = kernels.conv2d_plan(args);
    const ProfiledOp timed("conv2d forward", [&] {
      OpCost cost = op_cost(args, size_of(x.dtype()));
      cost.how = kernels.conv2d_name(args, plan);
      return cost;
    });
    const Scratch scratch(x.device(), plan.scratch);
    kernels.conv2d(args, plan, scratch.get(), stream_of(x));
  }

  // A few images at a time, so that the pooling finds the convolution's result in the cache.
  Tensor pooled(const Tensor& x, Conv2dArgs args) const {
    Tensor y = Tensor::empty({args.n, args.oh / 2, args.ow / 2, args.oc}, x.options());
    const std::size_t element = size_of(x.dtype());
    const std::size_t image = element * std::size_t(args.h) * std::size_t(args.w) * args.c;
    const std::size_t full = element * std::size_t(args.oh) * std::size_t(args.ow) * args.oc;
    const std::size_t half =
        element * std::size_t(args.oh / 2) * std::size_t(args.ow / 2) * std::size_t(args.oc);
    const int all = args.n;
    const int chunk = x.device() == kCpu ? std::min(all, images_at_once(full)) : all;
    const Scratch between(x.device(), std::size_t(chunk) * full);
    for (int begin = 0; begin < all; begin += chunk) {
      args.n = std::min(chunk, all - begin);
      compute(x, args, static_cast<char*>(x.raw()) + std::size_t(begin) * image, between.get());
      mien::run("max_pool2d", x, &KernelTable::batch_norm,
                BatchNormArgs{.shape = {args.n, args.oh, args.ow, args.oc, true},
                              .x = between.get(),
                              .mean = zeros_.raw(),
                              .variance = ones_.raw(),
                              .gamma = nullptr,
                              .beta_ = nullptr,
                              .residual = nullptr,
                              .epsilon = 0,
                              .relu = act_ == Act::relu,
                              .dropout = {},
                              .y = static_cast<char*>(y.raw()) + std::size_t(begin) * half,
                              .code = nullptr});
    }
    return y;
  }

  // As many as pay for reading the weight again, and at least what fits into a cache.
  int images_at_once(std::size_t image) const {
    constexpr std::size_t kCache = 2 << 20;
    const std::size_t bytes = std::max(kCache, 8 * weight_.weight.bytes());
    return int(std::max<std::size_t>(bytes / std::max<std::size_t>(image, 1), 1));
  }

  FoldedWeight weight_;
  Conv2dOptions options_;
  Act act_;
  std::optional<Pool2dOptions> pool_;
  Tensor zeros_, ones_;  // where the pooling is done by the kernel of batch normalization
  PackedWeights packed_;
};

}  // namespace

std::unique_ptr<PredictionStep> conv_step(FoldedWeight weight, const Conv2dOptions& options,
                                          Act act, std::optional<Pool2dOptions> pool) {
  return std::make_unique<ConvStep>(std::move(weight), options, act, pool);
}

}  // namespace mien::nn
