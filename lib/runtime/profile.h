#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

// What each kernel call costs, for set_profiling() and MIEN_PROFILE. While no profile is taken all
// of this is one look at a flag.

namespace mien {

/// What a kernel call has to do at least: each of its tensors is read or written once. Convolutions
/// count the products of the definition, however they are computed.
struct OpCost {
  double flop = 0, bytes = 0;
  const char* how = "";  // the algorithm, where there are several; lives for ever
};

/// Whether a profile is taken now.
extern std::atomic<bool> profiling_now;
inline bool profiling() { return profiling_now.load(std::memory_order_relaxed); }

/// Reads MIEN_PROFILE's value: 0 or nothing; 1, for a table on standard error when the program
/// ends; or a file that ends with .json, for the table and a Chrome trace in that file. Throws
/// ValueError for another one.
void start_profile(std::string_view value);

/// Times one kernel call, from here to the end of its life: ProfiledOp timed("relu", [&] { return
/// OpCost{...}; });
class ProfiledOp {
 public:
  template <class Cost>
  ProfiledOp(const char* op, Cost cost) {
    if (profiling()) begin(op, cost());
  }
  ~ProfiledOp() {
    if (op_) end();
  }
  ProfiledOp(const ProfiledOp&) = delete;
  ProfiledOp& operator=(const ProfiledOp&) = delete;

 private:
  void begin(const char* op, const OpCost& cost);
  void end();

  const char* op_ = nullptr;
  OpCost cost_;
  double begin_us_ = 0;
};

/// The layer that this thread's calls belong to: a number for its path, 0 outside of any.
std::uint32_t profiled_layer();

/// While it lives this thread works for a layer inside the present one, by name; or again for the
/// one of that number, in the backward pass.
class ProfiledLayer {
 public:
  explicit ProfiledLayer(std::string_view name) {
    if (profiling()) enter(name);
  }
  explicit ProfiledLayer(std::uint32_t backward_of) {
    if (profiling()) enter_backward(backward_of);
  }
  ~ProfiledLayer() {
    if (inside_) leave();
  }
  ProfiledLayer(const ProfiledLayer&) = delete;
  ProfiledLayer& operator=(const ProfiledLayer&) = delete;

 private:
  void enter(std::string_view name);
  void enter_backward(std::uint32_t layer);
  void leave();

  bool inside_ = false;
  bool was_backward_ = false;
  std::uint32_t was_ = 0;
};

}  // namespace mien
