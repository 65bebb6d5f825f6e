#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mien/base/conv_math.h"
#include "mien/base/device.h"
#include "mien/base/matmul_math.h"

namespace mien {

/// Threads that the CPU kernels use; at first all cores (or OMP_NUM_THREADS). 0 means all cores
/// again. Results do not depend on it, to the bit. To be set while no other thread computes.
///
/// ```cpp
/// set_num_threads(1);
/// std::size_t bytes = memory_stats().peak_bytes;
/// ```
void set_num_threads(int threads);
/// Threads in use, at least 1.
int num_threads();

/// Instruction set that the CPU kernels use: "base" (any x86-64 or other CPU), "avx2",
/// "avx512" or "neon" (64-bit ARM).
/// At first the best that this machine runs, or the one that the environment variable MIEN_ISA
/// names. Results are the same bits for one instruction set, and close ones between two.
std::string_view cpu_isa();
/// Chooses it, while no other thread computes. Throws ValueError for an unknown name and for one
/// that this machine does not run.
void set_cpu_isa(std::string_view name);

/// How f32 convolutions are computed on the CPU from now on; automatic at first. A gradient is
/// computed as its forward pass was.
///
/// ```cpp
/// set_conv_math(ConvMath::exact);
/// set_conv_math(conv_math_named("direct"));  // the same
/// ```
ConvMath conv_math();
void set_conv_math(ConvMath math);

/// How products in f32 are made on CUDA devices, of matrices and in convolutions; exact at first. A
/// gradient is computed as its forward pass was.
///
/// ```cpp
/// set_float32_matmul(MatmulMath::tf32);
/// set_float32_matmul(matmul_math_named("tf32"));  // the same
/// ```
MatmulMath float32_matmul();
void set_float32_matmul(MatmulMath math);

/// Device of tensors made without one, weights among them. One for the whole process; the CPU at
/// first: a library does not move its user's tensors by itself, programs choose.
///
/// ```cpp
/// set_default_device(best_device());  // or device_named("auto")
/// ```
Device default_device();
/// Throws DeviceError where the device is not there.
void set_default_device(Device device);
/// The first CUDA device, where one is there and does what it is asked; else the CPU. Never an
/// emulated one, which is there for tests.
Device best_device();
/// "auto": best_device(), "cpu", "cuda": the first CUDA device, real or emulated, "cuda:1": the
/// second. Throws ValueError for another name, DeviceError where the device is not there.
Device device_named(std::string_view name);
/// For people: "cpu", "cuda:0 (NVIDIA H100 80GB HBM3)", "cuda:0 (emulated device)". Throws
/// DeviceError where the device is not there.
std::string device_text(Device device);

/// Whether a device's kernels are waited for one by one, so that an error names the kernel it is of
/// and a profile has their times; off at first, when an error appears later, at a copy. The
/// environment variable MIEN_CUDA_WAIT=1 does it for a whole program.
void set_kernels_wait(bool wait);
bool kernels_wait();

/// What the caching allocator did so far, for one device.
struct MemoryStats {
  std::size_t live_bytes = 0;    // in use by tensors now
  std::size_t peak_bytes = 0;    // the most that were in use at once
  std::size_t cached_bytes = 0;  // free, kept for the next tensors
  std::size_t system_calls = 0;  // allocations that reached the system
  std::size_t hits = 0;          // allocations served from the cache
};
/// The figures now. This and the next two throw DeviceError where the device is not there.
MemoryStats memory_stats(Device device = {});
/// Starts peak_bytes anew from live_bytes.
void reset_peak_memory(Device device = {});
/// Gives cached blocks back to the system.
void empty_cache(Device device = {});

/// Collects what each kernel call costs from now on, and forgets what was collected before; or
/// stops. Off at first, and then without any cost. The environment variable MIEN_PROFILE does it
/// for a whole program: with 1 the report comes on standard error when the program ends, with the
/// name of a file that ends with .json the trace is written there too.
///
/// ```cpp
/// set_profiling(true);
/// // ... some steps of training ...
/// set_profiling(false);
/// std::string table = profile_report();
/// ```
void set_profiling(bool on);
/// Tables by op and by op and layer: time, calls, floating-point operations and bytes. The last two
/// are what the op has to do at least: each tensor is read or written once, and a convolution does
/// the products of its definition however it is computed.
std::string profile_report();
/// All calls in the JSON of chrome://tracing and ui.perfetto.dev, up to a million.
std::string profile_trace();

/// The version of the library, such as "0.1.0".
std::string_view version();

}  // namespace mien
