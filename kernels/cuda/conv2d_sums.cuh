#pragma once

#include <numeric>

#include "kernels/args.h"
#include "kernels/cuda/implicit_gemm_job.cuh"

// The three passes of a convolution as implicit GEMMs: what their gathers, sums and stores are.

namespace mien::cuda {

/// One sum of a convolution: shape, and all of GemmJob that follows from the arguments.
struct ConvSum {
  GemmShape shape;
  int taps_down, taps_across, depth;
};

inline ConvSum conv_sum(std::int64_t m, std::int64_t n, int groups, int taps_down, int taps_across,
                        std::int64_t depth) {
  return {
      {.m = m, .n = n, .z = groups, .taps = std::int64_t(taps_down) * taps_across, .depth = depth},
      taps_down,
      taps_across,
      int(depth)};
}

/// y = conv(x, w) + bias: rows are the places of y.
template <class T>
struct ConvForward {
  ConvSum sum;
  Patches<T> a;
  Columns<T> b;
  Store<T> store;
};
template <class T>
ConvForward<T> conv_forward(const Conv2dArgs& c) {
  const int in = c.c / c.groups, out = c.oc / c.groups, rows = c.n * c.oh * c.ow;
  return {.sum = conv_sum(rows, out, c.groups, c.kh, c.kw, in),
          .a = {.x = static_cast<const T*>(c.x),
                .z_stride = in,
                .rows = rows,
                .places = c.oh * c.ow,
                .width = c.ow,
                .h = c.h,
                .w = c.w,
                .image = c.h * c.w * c.c,
                .line = c.w * c.c,
                .pixel = c.c,
                .step_y = c.sh,
                .step_x = c.sw,
                .first_y = -c.pt,
                .first_x = -c.pl,
                .tap_y = c.dh,
                .tap_x = c.dw,
                .tap_line = std::int64_t(c.dh) * c.w * c.c,
                .tap_pixel = std::int64_t(c.dw) * c.c},
          .b = {.x = static_cast<const T*>(c.weight),
                .z_stride = out,
                .columns = out,
                .line = c.oc,
                .tap_line = std::int64_t(c.kw) * in * c.oc,
                .tap_pixel = std::int64_t(in) * c.oc},
          .store = {.y = static_cast<T*>(c.y),
                    .bias = static_cast<const float*>(c.bias),
                    .z_stride = out,
                    .image = 0,
                    .rows = rows,
                    .columns = out,
                    .bias_stride = out,
                    .places = 0,
                    .width = 0,
                    .line = c.oc,
                    .pixel = 0,
                    .beta = 0,
                    .relu = false}};
}

/// Along one axis of x: the pixels that are `phase` further than a multiple of the stride, counted
/// from the padding on, and the taps by which they were seen.
struct Phase {
  int first, count;         // pixels first, first + stride, ...
  int tap, tap_step, taps;  // taps tap, tap + tap_step, ...
  int place,
      place_step;  // the first pixel's first tap was place `place`; each tap is less by so much
};
constexpr Phase phase_of(int phase, int size, int k, int stride, int dilation, int padding) {
  Phase p{};
  p.first = ((phase - padding) % stride + stride) % stride;
  p.count = (size - p.first + stride - 1) / stride;
  p.tap_step = stride / std::gcd(stride, dilation);
  for (p.tap = 0; p.tap < k && p.tap * dilation % stride != phase;) ++p.tap;
  p.taps = (k - p.tap + p.tap_step - 1) / p.tap_step;
  if (p.taps > 0) p.place = (p.first + padding - p.tap * dilation) / stride;
  p.place_step = p.tap_step * dilation / stride;
  return p;
}

/// dx = beta dx + ..., for the pixels of one phase: rows are these pixels, which see dy through the
/// taps in reverse.
template <class T>
struct ConvGradX {
  ConvSum sum;
  Patches<T> a;
  Rows<T> b;
  Store<T> store;
};
template <class T>
ConvGradX<T> conv_grad_x(const Conv2dArgs& c, int phase_y, int phase_x) {
  const Phase y = phase_of(phase_y, c.h, c.kh, c.sh, c.dh, c.pt);
  const Phase x = phase_of(phase_x, c.w, c.kw, c.sw, c.dw, c.pl);
  const int in = c.c / c.groups, out = c.oc / c.groups, rows = c.n * y.count * x.count;
  const std::int64_t tap = std::int64_t(in) * c.oc;
  return {.sum = conv_sum(rows, in, c.groups, y.taps, x.taps, out),
          .a = {.x = static_cast<const T*>(c.y),
                .z_stride = out,
                .rows = rows,
                .places = y.count * x.count,
                .width = x.count,
                .h = c.oh,
                .w = c.ow,
                .image = c.oh * c.ow * c.oc,
                .line = c.ow * c.oc,
                .pixel = c.oc,
                .step_y = 1,
                .step_x = 1,
                .first_y = y.place,
                .first_x = x.place,
                .tap_y = -y.place_step,
                .tap_x = -x.place_step,
                .tap_line = -std::int64_t(y.place_step) * c.ow * c.oc,
                .tap_pixel = -std::int64_t(x.place_step) * c.oc},
          .b = {.x = static_cast<const T*>(c.weight) + (y.tap * c.kw + x.tap) * tap,
                .z_stride = out,
                .rows = in,
                .row = c.oc,
                .tap_line = y.tap_step * c.kw * tap,
                .tap_pixel = x.tap_step * tap},
          .store = {.y = static_cast<T*>(c.x) + (std::int64_t(y.first) * c.w + x.first) * c.c,
                    .bias = nullptr,
                    .z_stride = in,
                    .image = std::int64_t(c.h) * c.w * c.c,
                    .rows = rows,
                    .columns = in,
                    .bias_stride = 0,
                    .places = c.sh == 1 && c.sw == 1 ? 0 : y.count * x.count,
                    .width = x.count,
                    .line = c.sh == 1 && c.sw == 1 ? c.c : c.sh * c.w * c.c,
                    .pixel = c.sw * c.c,
                    .beta = float(c.beta),
                    .relu = false}};
}

/// dw = beta dw + ...: rows are (tap, channel), the sum runs over the places of dy.
template <class T>
struct ConvGradW {
  ConvSum sum;
  PatchColumns<T> a;
  Columns<T> b;
  Store<float> store;
};
template <class T>
ConvGradW<T> conv_grad_w(const Conv2dArgs& c) {
  const int in = c.c / c.groups, out = c.oc / c.groups, rows = c.kh * c.kw * in;
  return {.sum = conv_sum(rows, out, c.groups, 1, 1, std::int64_t(c.n) * c.oh * c.ow),
          .a = {.x = static_cast<const T*>(c.x),
                .z_stride = in,
                .columns = rows,
                .channels = in,
                .taps_across = c.kw,
                .places_down = c.oh,
                .width = c.ow,
                .h = c.h,
                .w = c.w,
                .line = c.w * c.c,
                .pixel = c.c,
                .image = std::int64_t(c.h) * c.w * c.c,
                .step_y = c.sh,
                .step_x = c.sw,
                .first_y = -c.pt,
                .first_x = -c.pl,
                .tap_y = c.dh,
                .tap_x = c.dw,
                .next_images = 0,
                .next_lines = 0,
                .next_places = 0},
          .b = {.x = static_cast<const T*>(c.y),
                .z_stride = out,
                .columns = out,
                .line = c.oc,
                .tap_line = 0,
                .tap_pixel = 0},
          .store = {.y = static_cast<float*>(c.weight),
                    .bias = nullptr,
                    .z_stride = out,
                    .image = 0,
                    .rows = rows,
                    .columns = out,
                    .bias_stride = 0,
                    .places = 0,
                    .width = 0,
                    .line = c.oc,
                    .pixel = 0,
                    .beta = float(c.beta),
                    .relu = false}};
}
/// The same of a window of one place that sees every pixel once: x as it lies.
constexpr bool sees_pixels(const Conv2dArgs& c) {
  return c.kh == 1 && c.kw == 1 && c.sh == 1 && c.sw == 1 && c.pt == 0 && c.pl == 0 &&
         c.oh == c.h && c.ow == c.w;
}
template <class T>
Columns<T> pixel_columns(const Conv2dArgs& c) {
  return {.x = static_cast<const T*>(c.x),
          .z_stride = c.c / c.groups,
          .columns = c.c / c.groups,
          .line = c.c,
          .tap_line = 0,
          .tap_pixel = 0};
}

}  // namespace mien::cuda
