#pragma once

#include "kernels/args.h"
#include "kernels/cuda/implicit_gemm_plan.h"
#include "kernels/device_api.h"

namespace mien::cuda {

/// What gemm will do, and gemm done as a plan says, whose scratch the arguments have; so that tests
/// reach every tile with small matrices. T: float, or bf16 where the tensor cores take the product.
template <class T>
GemmPlan gemm_plan(const GemmArgs& args);
std::size_t gemm_scratch(const GemmArgs& args, const GemmPlan& plan);
template <class T>
void gemm(const GemmArgs& args, const GemmPlan& plan, StreamHandle stream);
/// Whether all of it can be read and written 16 bytes at a time, as the tensor cores need of bf16.
bool fits_bf16(const GemmArgs& args);

}  // namespace mien::cuda
