#pragma once

#include "kernels/api.h"

// What the files of this folder see of each other: plain functions, in a namespace for each
// instruction set.

namespace mien::cpu::MIEN_ISA {

void affine_warp(const AffineWarpArgs&, StreamHandle);
void axpy(const AxpyArgs&, StreamHandle);
void dropout(const DropoutArgs&, StreamHandle);
/// The statistics that batch_norm is asked to find.
void moments(const BatchNormArgs&);
void batch_norm(const BatchNormArgs&, StreamHandle);
void batch_norm_grad(const BatchNormGradArgs&, StreamHandle);
std::size_t gemm_scratch(const GemmArgs&);
void gemm(const GemmArgs&, StreamHandle);
Plan conv2d_plan(const Conv2dArgs&);
std::size_t conv2d_pack(const Conv2dArgs&, const Plan&, void* to);
void conv2d(const Conv2dArgs&, const Plan&, void* scratch, StreamHandle);
const char* conv2d_name(const Conv2dArgs&, const Plan&);
void reduce(const ReduceArgs&, StreamHandle);

// ---- convolution: conv2d.cpp picks a family ----
/// Values of Plan::algorithm; the portable kernels' are smaller. A family's plan says whether it
/// takes the work (by shape, pass and math) and fills in tile, split and scratch as it likes; its
/// run does the work.
enum ConvFamily : std::uint16_t {
  few_channels = 16,
  winograd,
  winograd_weights,
  direct,
  direct_weights
};

/// forward and grad_w of images of up to four channels.
bool few_channels_plan(const Conv2dArgs&, Plan&);
void few_channels_run(const Conv2dArgs&, const Plan&, void* scratch);
/// grad_w of 3x3 and 5x5 filters of stride 1.
bool winograd_weights_plan(const Conv2dArgs&, Plan&);
void winograd_weights_run(const Conv2dArgs&, const Plan&, void* scratch);
const char* winograd_weights_name(const Conv2dArgs&, const Plan&);
/// grad_w of any other convolution of one group.
bool direct_weights_plan(const Conv2dArgs&, Plan&);
void direct_weights_run(const Conv2dArgs&, const Plan&, void* scratch);
/// forward and grad_x of one group (not both strided and dilated along an axis in grad_x).
bool direct_plan(const Conv2dArgs&, Plan&);
void direct_run(const Conv2dArgs&, const Plan&, void* scratch);
std::size_t direct_pack(const Conv2dArgs&, const Plan&, void* to);
/// Forward and grad_x of 3x3 and 5x5 filters of stride 1.
bool winograd_plan(const Conv2dArgs&, Plan&);
void winograd_run(const Conv2dArgs&, const Plan&, void* scratch);
std::size_t winograd_pack(const Conv2dArgs&, const Plan&, void* to);
const char* winograd_name(const Conv2dArgs&, const Plan&);

// ---- products with one packed panel: tile.cpp, pack.cpp ----
/// A stretch of k in which the left operand is contiguous: `k` values from `a` past a row's start.
struct Run {
  std::int64_t a, k;
};
/// c = beta c + bias + a b for `rows` rows and `columns` (up to kPanel) columns. Row r of a starts
/// at a + a_rows[r], or a + r * a_stride where a_rows is null; the same for c. b: one panel, its
/// rows (b_stride values apart; 0: kPanel) in the order of the runs. bias: null for none. c is not
/// read where beta is 0.
struct PanelArgs {
  std::int64_t rows, columns;
  const Run* run;
  std::int64_t runs;
  const float* a;
  std::int64_t a_stride;
  const std::int64_t* a_rows;
  const float* b;
  std::int64_t b_stride;  // 0: kPanel
  float* c;
  std::int64_t c_stride;
  const std::int64_t* c_rows;
  float beta;
  const float* bias;
};
void multiply(const PanelArgs&);

/// to[j * to_stride + i] = from[i * from_stride + j] for rows i and columns j of `from`.
void turn(const float* from, std::int64_t from_stride, std::int64_t rows, std::int64_t columns,
          float* to, std::int64_t to_stride);
/// Writes k rows of panels, one panel after the other; columns beyond `columns` as zeros. Value
/// (i, j) is from[i * stride + j], where `turned` from[j * stride + i].
void pack_panels(const float* from, std::int64_t stride, bool turned, std::int64_t k,
                 std::int64_t columns, float* to);

}  // namespace mien::cpu::MIEN_ISA
