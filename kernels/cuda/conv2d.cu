// conv2d: convolution and its gradients, as implicit GEMMs.
#include <algorithm>

#include "kernels/cuda/bf16_products.h"
#include "kernels/cuda/conv2d_depthwise.h"
#include "kernels/cuda/conv2d_sums.cuh"
#include "kernels/cuda/few_channels.h"
#include "kernels/cuda/floats.cuh"
#include "kernels/cuda/kernels.h"
#include "mien/base/error.h"

namespace mien::cuda {
namespace {

enum Algorithm : std::uint16_t { product, depthwise_direct, few, in_f32 };

bool is_depthwise(const Conv2dArgs& a) { return a.groups == a.c && a.c > 1; }

// Strided gradients are one product for each phase; the largest has the plan of all.
ConvSum largest_phase(const Conv2dArgs& a) {
  ConvSum largest{};
  double most = -1;
  for (int y = 0; y < a.sh; ++y)
    for (int x = 0; x < a.sw; ++x) {
      const ConvSum sum = conv_grad_x<float>(a, y, x).sum;
      const double work = double(sum.shape.m) * double(sum.shape.taps);
      if (work <= most) continue;
      most = work;
      largest = sum;
    }
  return largest;
}

// Whether 16 bytes can be read and written at a time, of so many elements.
bool has_vectors(const Conv2dArgs& a, int elements) {
  return a.c / a.groups % elements == 0 && a.oc / a.groups % elements == 0 &&
         aligned16(a.x, a.weight, a.y);
}

template <class T>
GemmShape shape_of(const Conv2dArgs& a) {
  GemmShape shape = a.pass == ConvPass::forward  ? conv_forward<float>(a).sum.shape
                    : a.pass == ConvPass::grad_x ? largest_phase(a).shape
                                                 : conv_grad_w<float>(a).sum.shape;
  if constexpr (std::is_same_v<T, bf16>) {
    shape.operands = DType::bf16;
  } else {
    shape.math = has_vectors(a, 4) ? a.matmul : MatmulMath::exact;
  }
  return shape;
}

constexpr int kMostMomentTiles = 1024;  // each block of whoever merges them reads all

// Tiles of rows that forward will have; 0 where sums are split, or a tile of another size would
// take the place of the planned one.
std::int64_t moment_tiles(const Conv2dArgs& a, const GemmPlan& plan) {
  if (a.pass != ConvPass::forward || plan.splits > 1 || !has_vectors(a, 4)) return 0;
  return divide_up(std::int64_t(a.n) * a.oh * a.ow, facts(plan.tile).m);
}

int if_few(std::int64_t tiles) { return tiles <= kMostMomentTiles ? int(tiles) : 0; }

GemmJob job_of(const char* name, const ConvSum& sum, int groups, const Plan& plan, void* scratch,
               StreamHandle stream) {
  return {.name = name,
          .stream = stream,
          .plan = {TileKind(plan.tile), plan.split},
          .scratch = scratch,
          .z = groups,
          .taps_down = sum.taps_down,
          .taps_across = sum.taps_across,
          .depth = sum.depth};
}

template <class T>
void forward(const Conv2dArgs& a, const Plan& plan, void* scratch, StreamHandle stream) {
  ConvForward<T> c = conv_forward<T>(a);
  c.store.moments = {a.moments, unsigned(plan.moment_tiles), unsigned(a.oc)};
  implicit_gemm(job_of("conv2d", c.sum, a.groups, plan, scratch, stream), c.a, c.b, c.store);
}

template <class T>
void grad_x(const Conv2dArgs& a, const Plan& plan, void* scratch, StreamHandle stream) {
  for (int y = 0; y < a.sh; ++y)
    for (int x = 0; x < a.sw; ++x) {
      const ConvGradX<T> c = conv_grad_x<T>(a, y, x);
      implicit_gemm(job_of("conv2d grad_x", c.sum, a.groups, plan, scratch, stream), c.a, c.b,
                    c.store);
    }
}

template <class T>
void grad_w(const Conv2dArgs& a, const Plan& plan, void* scratch, StreamHandle stream) {
  ConvGradW<T> c = conv_grad_w<T>(a);
  const GemmJob job = job_of("conv2d grad_w", c.sum, a.groups, plan, scratch, stream);
  if (sees_pixels(a)) return implicit_gemm(job, pixel_columns<T>(a), c.b, c.store);
  const int places = facts(job.plan.tile).k;
  c.a.next_places = places % a.ow;
  c.a.next_lines = places / a.ow % a.oh;
  c.a.next_images = places / a.ow / a.oh;
  implicit_gemm(job, c.a, c.b, c.store);
}

}  // namespace

template <class T>
Plan conv2d_plan(const Conv2dArgs& a) {
  MIEN_CHECK(std::int64_t(a.h) * a.w * a.c < (1 << 30) &&
                 std::int64_t(a.oh) * a.ow * a.oc < (1 << 30) &&
                 std::int64_t(a.n) * std::max(a.h * a.w, a.oh * a.ow) < (std::int64_t(1) << 31),
             ShapeError,
             "conv2d: at most 2^30 elements in an image and 2^31 pixels on a CUDA device; got ",
             a.n, " images of ", a.h, " x ", a.w, " x ", a.c);
  if (is_depthwise(a)) return {.algorithm = depthwise_direct, .scratch = depthwise_scratch(a)};
  if (few_channels_fits(a))
    return {.algorithm = few,
            .scratch = few_channels_scratch(a),
            .moment_tiles = if_few(few_channels_moment_tiles(a))};
  if constexpr (std::is_same_v<T, bf16>) {
    if (!has_vectors(a, 8)) {
      Plan plan = conv2d_plan<float>(a);
      plan.algorithm = in_f32;
      plan.moment_tiles = 0;
      plan.scratch += widened_bytes(a);
      return plan;
    }
  }
  const GemmShape shape = shape_of<T>(a);
  const GemmPlan plan = plan_gemm(shape);
  return {.algorithm = product,
          .tile = std::uint16_t(plan.tile),
          .split = std::uint16_t(plan.splits),
          .scratch = parts_bytes(shape, plan),
          .moment_tiles = if_few(moment_tiles(a, plan))};
}

template <class T>
void conv2d(const Conv2dArgs& a, const Plan& plan, void* scratch, StreamHandle stream) {
  if (plan.algorithm == depthwise_direct) return depthwise<T>(a, scratch, stream);
  if (plan.algorithm == few) return few_channels<T>(a, scratch, stream);
  if (plan.algorithm == in_f32)
    return conv2d_widened(a, {product, plan.tile, plan.split}, scratch, stream);
  switch (a.pass) {
    case ConvPass::forward:
      return forward<T>(a, plan, scratch, stream);
    case ConvPass::grad_x:
      return grad_x<T>(a, plan, scratch, stream);
    case ConvPass::grad_w:
      return grad_w<T>(a, plan, scratch, stream);
  }
}

const char* conv2d_name(const Conv2dArgs&, const Plan& plan) {
  switch (plan.algorithm) {
    case depthwise_direct:
      return "depthwise";
    case few:
      return "few channels";
    default:
      return facts(TileKind(plan.tile)).name;
  }
}

template Plan conv2d_plan<float>(const Conv2dArgs&);
template Plan conv2d_plan<bf16>(const Conv2dArgs&);
template void conv2d<float>(const Conv2dArgs&, const Plan&, void*, StreamHandle);
template void conv2d<bf16>(const Conv2dArgs&, const Plan&, void*, StreamHandle);

}  // namespace mien::cuda
