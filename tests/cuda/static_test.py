#!/usr/bin/env python3
"""That the static gate sees planted faults, and passes what is right. Exit code 4: a tool is missing."""
import collections
import os
import re
import sys
import tempfile

import static_record
from static_code import read_kernels
from static_compile import ROOT, Compiler, tools_of
from static_rules import faults_of, kernels_of_rules, unmatched

ARCHITECTURE = "90"

# A kernel for each fault, by the name that decides which rules it is under.
KERNELS = r"""
#include "kernels/cuda/lang.cuh"
namespace mien::cuda {
template <int width, class Body>
__global__ void __launch_bounds__(256) map_kernel(float* y) {
  const auto* from = reinterpret_cast<const float4*>(y);
  float4 value = from[threadIdx.x];
  value.x = Body::twice(value.x);
  reinterpret_cast<float4*>(y)[threadIdx.x] = value;
}
struct Right { __device__ static float twice(float x) { return 2 * x; } };
struct Double { __device__ static float twice(float x) { return float(double(x) + 1e-9); } };
template __global__ void map_kernel<4, Right>(float*);
template __global__ void map_kernel<4, Double>(float*);

struct Narrow;
template <> __global__ void __launch_bounds__(256) map_kernel<4, Narrow>(float* y) {
  y[4 * threadIdx.x] *= 2;
}
__global__ void __launch_bounds__(256) local_array(float* y, const int* at) {
  float values[64];
  for (int i = 0; i < 64; ++i) values[i] = y[i * 256 + threadIdx.x];
  for (int i = 0; i < 64; ++i) values[at[i] & 63] += values[at[i + 64] & 63];
  y[threadIdx.x] = values[at[threadIdx.x] & 63];
}
__global__ void __launch_bounds__(1024, 2) spill(float* y) {
  float values[64];
  MIEN_UNROLL
  for (int i = 0; i < 64; ++i) values[i] = y[i * 1024 + threadIdx.x];
  __syncthreads();
  MIEN_UNROLL
  for (int i = 0; i < 64; ++i) y[i * 1024 + threadIdx.x] = values[63 - i] * values[i];
}
__global__ void __launch_bounds__(256) float_atomic(float* y) { atomicAdd(y, float(threadIdx.x)); }
__global__ void __launch_bounds__(256) generic_load(float* y, int n) {
  __shared__ float here[256];
  here[threadIdx.x] = y[threadIdx.x];
  __syncthreads();
  const float* from = n > int(threadIdx.x) ? here : y;
  y[threadIdx.x] = from[n];
}
__global__ void no_bounds(float* y) { y[threadIdx.x] = 1; }
struct Large { float values[30000]; };
__global__ void __launch_bounds__(256, 2) too_much_shared(float* y) {
  auto& large = shared<Large>();
  large.values[threadIdx.x] = y[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = large.values[255 - threadIdx.x];
}
template <class Math, int vector>
__global__ void __launch_bounds__(32) implicit_gemm_kernel(float* y) {
  auto& all = shared<Large>();
  const int lane = int(threadIdx.x);
  all.values[lane] = y[lane];
  __syncthreads();
  float sums[4] = {};
  std::uint32_t a[4] = {}, b[2] = {};
  MIEN_NO_UNROLL
  for (int k = 0; k < lane; ++k) {
    for (int i = 0; i < 4; ++i) a[i] ^= __float_as_uint(all.values[(lane * 33 + i * 35 + k) % 977]);
    for (int i = 0; i < 2; ++i) b[i] ^= __float_as_uint(all.values[(lane * 37 + i * 39 + k) % 977]);
    mma_tf32(sums, a, b);
  }
  y[lane] = sums[0] + sums[1] + sums[2] + sums[3];
}
template <int m, int n> struct Tf32Tile;
template <class Tile> struct Tf32;
template __global__ void implicit_gemm_kernel<Tf32<Tf32Tile<128, 128>>, 4>(float*);
}  // namespace mien::cuda
"""

EXPECTED = {
    "map_kernel<4, Right>": [],
    "map_kernel<4, Double>": [r"double arithmetic: DADD"],
    "map_kernel<4, Narrow>": [r"no LDG\\.E\\.128", r"no STG\\.E\\.128"],
    "local_array": [r"stack frame or spilled", r"local memory: LDL"],
    "spill": [r"stack frame or spilled", r"local memory: LDL"],
    "float_atomic": [r"a float atomic: REDG?\."],
    "generic_load": [r"a generic load or store: LD\."],
    "no_bounds": [r"no __launch_bounds__"],
    "too_much_shared": [r"120000 bytes of shared memory allow 1 blocks, 2 declared"],
    "implicit_gemm_kernel<Tf32<Tf32Tile<128, 128>>, 4>":
        [r"no LDGSTS", r"6 LDS\\b for 1 HMMA in a loop, at most 1\.50"],
}

WARNING = "__global__ void __launch_bounds__(32) unused(int* y) { int left; y[0] = 1; }\n"


def wrong(claim, holds):
    if not holds:
        print(f"wrong: {claim}")
    return not holds


def planted(folder, name, text, compiler, tools, environment):
    source = os.path.join(folder, name)
    with open(source, "w", encoding="utf-8") as file:
        file.write(text)
    return read_kernels(os.path.relpath(source, ROOT), [ARCHITECTURE], compiler,
                        tools["cuobjdump"], environment)


def main():
    tools, environment = tools_of(os.environ.get("MIEN_CUDA_TOOLS", ""))
    with tempfile.TemporaryDirectory() as folder:
        compiler = Compiler(tools["nvcc"], os.path.join(folder, "made"))
        each = (compiler, tools, environment)
        errors, kernels = planted(folder, "faults.cu", KERNELS, *each)
        warned, _ = planted(folder, "warning.cu", WARNING, *each)
    if errors:
        print("\n".join(errors))
        return 1
    failed = wrong("a warning is an error", warned and "warning" in warned[0])
    for name, expected in EXPECTED.items():
        kernel = kernels[(f"faults.cu: {name}", ARCHITECTURE)]
        faults = list(faults_of(name, ARCHITECTURE, kernel))
        right = len(faults) == len(expected) and all(map(re.search, expected, faults))
        failed |= wrong(f"{name}: {faults}, expected {expected}", right)
    failed |= wrong("a rule without a kernel is seen", unmatched(["x"]) == kernels_of_rules())

    name = "faults.cu: map_kernel<4, Right>"
    kernel = kernels[(name, ARCHITECTURE)]
    found = {(name, architecture): kernel for architecture in static_record.ARCHITECTURES}
    recorded = static_record.figures(found)
    failed |= wrong("what is as recorded passes", not list(static_record.compare(found, recorded)))
    worse = dict(kernel, registers=200, code=collections.Counter({"FADD": 1}))
    faults = list(static_record.compare({(name, ARCHITECTURE): worse}, recorded))
    failed |= wrong(f"what is worse than recorded is seen: {faults}",
                    len(faults) == 3 and "200 registers" in faults[0] and "no LDG.128" in faults[1])
    print(f"mien: {len(EXPECTED)} kernels with and without planted faults")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
