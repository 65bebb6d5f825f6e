#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "mien/base/error.h"

// A small emulator of a CUDA device: every thread is a fibre of this thread, blocks run one after
// the other. It proves arithmetic, indexing, barriers and independence of the order; it knows
// nothing of speed. What is wrong with a kernel or with its launch is a Fault.

namespace mien::emu {

/// What a kernel or a call of the runtime did wrong; comes out of the launch, or of what waits for
/// it where streams are deferred.
class Fault : public DeviceError {
  using DeviceError::DeviceError;
};

/// The order in which threads go on after each barrier, and in which blocks run: warp after warp,
/// each as far as it gets, or all mixed.
enum class Order : std::uint8_t { forward, reverse, random };

/// How the device behaves where a real one may behave in several ways.
struct Options {
  Order order = Order::forward;
  unsigned seed = 1;        // of the random order
  bool late_copies = true;  // cp.async lands when it is waited for; else at once
  bool deferred = false;    // a stream's work is done when something waits for it; else at once
  bool dry = false;         // kernels are checked and counted, not run; memory holds anything
  std::size_t memory = std::size_t(16) << 30;  // bytes
};
/// The one emulated device's; to be changed while nothing runs.
Options& options();

/// Memory of the device holds this before it is written, as words: a NaN in f32 and in bf16.
inline constexpr std::uint32_t kPoison = 0x7fc07fc0u;
void poison(void* to, std::size_t bytes);

struct Size3 {
  unsigned x, y, z;
};

/// Runs a kernel's body once for each thread. `kernel` is its name, for messages.
void run(const char* kernel, Size3 grid, Size3 block, std::size_t shared_bytes,
         const std::function<void()>& body);

// ---- what kernels call, by lang.cuh and language.h ----

/// The block's shared memory, of which the kernel uses at least so many bytes.
void* shared_memory(std::size_t bytes);
/// Stops the launch where the bytes are not of it, or not aligned to their number.
void check_shared(const void* at, std::size_t bytes, const char* call);
void barrier();  // __syncthreads
unsigned lane();

/// An operation of several lanes of a warp together.
enum class WarpOp : std::uint8_t { sync, shuffle, ballot, mma_tf32, mma_bf16, ldmatrix };
/// What a lane gives and gets.
struct LaneData {
  std::uint32_t in[12];  // of a shuffle: the value; of mma: fragments of a, b, c
  std::uint32_t out[4];
  unsigned source;  // of a shuffle: the lane to read
};
/// Waits until all lanes of the mask have come, computes, and gives the caller its part.
LaneData exchange(unsigned mask, WarpOp op, const LaneData& mine);

/// cp.async: `bytes` of which the first `valid` come from `from` and the rest are zero.
void copy_issue(void* to, const void* from, int bytes, int valid);
void copy_commit();
void copy_wait(int groups_left);  // until at most so many groups are on their way

}  // namespace mien::emu
