#pragma once

#include <cstddef>
#include <vector>

// What AddressSanitizer and ThreadSanitizer must know of fibres. In other builds nothing of this
// does anything.
//
// To ThreadSanitizer each thread of a block is a thread of its own, and __syncthreads and
// __syncwarp the only order between two of them: a missing barrier is then a data race, reported
// with the kernel's line. Blocks take turns with two sets of identities, stacks and orders, so that
// two blocks that write the same memory are seen as well. The emulator itself is compiled without
// the sanitizer.

#ifdef __has_feature
#define MIEN_HAS_FEATURE(feature) __has_feature(feature)
#else
#define MIEN_HAS_FEATURE(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || MIEN_HAS_FEATURE(address_sanitizer)
#define MIEN_EMULATOR_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef MIEN_EMULATOR_TSAN  // by the build: these files do not see -fsanitize=thread
#include <sanitizer/tsan_interface.h>
#endif

namespace mien::emu {

#if defined(MIEN_EMULATOR_ASAN) || defined(MIEN_EMULATOR_TSAN)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
inline constexpr std::size_t kStackBytes = (kSanitized ? 256 : 64) * 1024;

struct FibreIdentity {
  void* thread[2] = {};  // ThreadSanitizer's, by parity of the block
  void* fake_stack = nullptr;
};
struct MainIdentity {
  void* thread = nullptr;
  void* fake_stack = nullptr;
  const void* stack = nullptr;
  std::size_t stack_bytes = 0;
};

// Names of what orders threads: the launch, its end, a barrier by parity of the block and of the
// barrier's own number.
inline char order_objects[6];
inline char* const kStart = &order_objects[0];
inline char* const kEnd = &order_objects[1];
inline char* const kBarrier[2][2] = {{&order_objects[2], &order_objects[3]},
                                     {&order_objects[4], &order_objects[5]}};

inline void release([[maybe_unused]] void* order) {
#ifdef MIEN_EMULATOR_TSAN
  __tsan_release(order);
#endif
}
inline void acquire([[maybe_unused]] void* order) {
#ifdef MIEN_EMULATOR_TSAN
  __tsan_acquire(order);
#endif
}

inline void make_identity([[maybe_unused]] FibreIdentity& fibre) {
#ifdef MIEN_EMULATOR_TSAN
  for (void*& thread : fibre.thread) thread = __tsan_create_fiber(0);
#endif
}
inline void enter_main([[maybe_unused]] MainIdentity& main) {
#ifdef MIEN_EMULATOR_TSAN
  main.thread = __tsan_get_current_fiber();
#endif
}

// Around every switch: from main to a fibre and back.
inline void before_resuming([[maybe_unused]] FibreIdentity& fibre,
                            [[maybe_unused]] MainIdentity& main, [[maybe_unused]] int parity,
                            [[maybe_unused]] void* stack, [[maybe_unused]] std::size_t bytes) {
#ifdef MIEN_EMULATOR_TSAN
  __tsan_switch_to_fiber(fibre.thread[parity], __tsan_switch_to_fiber_no_sync);
#endif
#ifdef MIEN_EMULATOR_ASAN
  __sanitizer_start_switch_fiber(&main.fake_stack, stack, bytes);
#endif
}
inline void after_resuming([[maybe_unused]] MainIdentity& main) {
#ifdef MIEN_EMULATOR_ASAN
  __sanitizer_finish_switch_fiber(main.fake_stack, nullptr, nullptr);
#endif
}
inline void first_entry([[maybe_unused]] MainIdentity& main) {
#ifdef MIEN_EMULATOR_ASAN
  __sanitizer_finish_switch_fiber(nullptr, &main.stack, &main.stack_bytes);
#endif
}
inline void before_leaving([[maybe_unused]] FibreIdentity& fibre,
                           [[maybe_unused]] MainIdentity& main, [[maybe_unused]] bool for_ever) {
#ifdef MIEN_EMULATOR_TSAN
  __tsan_switch_to_fiber(main.thread, __tsan_switch_to_fiber_no_sync);
#endif
#ifdef MIEN_EMULATOR_ASAN
  __sanitizer_start_switch_fiber(for_ever ? nullptr : &fibre.fake_stack, main.stack,
                                 main.stack_bytes);
#endif
}
inline void after_entering([[maybe_unused]] FibreIdentity& fibre,
                           [[maybe_unused]] MainIdentity& main) {
#ifdef MIEN_EMULATOR_ASAN
  __sanitizer_finish_switch_fiber(fibre.fake_stack, &main.stack, &main.stack_bytes);
#endif
}

// A thread that never came to its end, after a fault: its stack is to be used again, and what it
// wrote is done before what follows the launch.
inline void abandon([[maybe_unused]] FibreIdentity& fibre, [[maybe_unused]] MainIdentity& main,
                    [[maybe_unused]] char* const (&stacks)[2]) {
#ifdef MIEN_EMULATOR_TSAN
  for (void* thread : fibre.thread) {
    __tsan_switch_to_fiber(thread, __tsan_switch_to_fiber_no_sync);
    release(kEnd);
    __tsan_switch_to_fiber(main.thread, __tsan_switch_to_fiber_no_sync);
  }
#endif
#ifdef MIEN_EMULATOR_ASAN
  for (char* stack : stacks) __asan_unpoison_memory_region(stack, kStackBytes);
#endif
}

inline constexpr std::size_t kMostShared = 227 * 1024;  // of a block, on sm_90

/// Shared memory of a launch's blocks, poisoned, of exactly the size asked for, so that
/// AddressSanitizer finds what lies beyond. For ThreadSanitizer each block has its own, since one
/// that is used again would seem to be a race.
class SharedMemory {
 public:
  SharedMemory(std::size_t blocks, std::size_t bytes);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  void* of_block(std::size_t number);

 private:
  std::size_t bytes_;
  std::vector<void*> blocks_;
};

// The thread's own writes of cp.async, in a file that the sanitizers do see.
void land_copy(void* to, const void* from, int bytes, int valid);
void land_poison(void* to, int bytes);

}  // namespace mien::emu
