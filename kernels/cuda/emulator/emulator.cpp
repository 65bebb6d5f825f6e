#include "kernels/cuda/emulator/emulator.h"

#include <sys/mman.h>

#include <algorithm>
#include <boost/context/detail/fcontext.hpp>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "kernels/cuda/emulator/language.h"
#include "kernels/cuda/emulator/sanitizers.h"
#include "kernels/cuda/emulator/warp.h"

namespace mien::emu {
namespace {

namespace context = boost::context::detail;

enum class State : std::uint8_t { ready, at_barrier, at_warp, exited };

struct Copy {
  void* to;
  const void* from;
  int bytes, valid;
};

// A thread of the device.
struct Fibre {
  context::fcontext_t context;
  char* stacks[2];  // of blocks with even and odd numbers, see sanitizers.h
  FibreIdentity identity;
  uint3 thread;
  State state;
  std::vector<Copy> open;                 // copies issued since the last commit
  std::vector<std::vector<Copy>> groups;  // committed, oldest first
};

struct Device {
  std::vector<Fibre> fibres;  // as many as the largest block had so far
  std::vector<Warp> warps;
  int threads = 0, exited = 0, at_barrier = 0;
  int current = 0;
  unsigned generation = 0;  // of the barrier
  int parity = 0;           // of the block's number
  char* shared = nullptr;
  std::size_t shared_bytes = 0;
  const char* kernel = "";
  const std::function<void()>* body = nullptr;
  std::string fault;  // what the current thread did wrong
  context::fcontext_t main_context{};
  MainIdentity main_identity;
};
// Leaked: a tensor of static storage may be released after it.
Device& device() {
  static Device* const one = new Device;
  return *one;
}

[[noreturn]] void fail(const std::string& what, int thread = -1) {
  Device& d = device();
  std::string text = concat(d.kernel, " on the emulated device: ", what, " in block (", blockIdx.x,
                            ", ", blockIdx.y, ", ", blockIdx.z, ")");
  if (thread >= 0) text += concat(", thread ", thread);
  constexpr const char* names[] = {"ready", "at __syncthreads", "at a warp operation", "exited"};
  for (int state = 0; state < 4; ++state) {
    int count = 0, first = -1;
    for (int i = d.threads - 1; i >= 0; --i)
      if (int(d.fibres[std::size_t(i)].state) == state) ++count, first = i;
    if (count > 0) text += concat("; ", count, " ", names[state], " (first ", first, ")");
  }
  for (int i = 0; i < d.threads; ++i) {
    Fibre& fibre = d.fibres[std::size_t(i)];
    abandon(fibre.identity, d.main_identity, fibre.stacks);
  }
  acquire(kEnd);
  throw Fault(text);
}

Fibre& current() { return device().fibres[std::size_t(device().current)]; }

// Back to the loop of run_block(), which goes on here later.
void leave() {
  Device& d = device();
  Fibre& me = current();
  before_leaving(me.identity, d.main_identity, me.state == State::exited);
  d.main_context = context::jump_fcontext(d.main_context, nullptr).fctx;
  after_entering(me.identity, d.main_identity);
}

// A thread did what no thread may: the launch ends here.
[[noreturn]] void stop_with(std::string what) {
  device().fault = std::move(what);
  leave();
  std::abort();
}

void enter(context::transfer_t from) {
  Device& d = device();
  d.main_context = from.fctx;
  first_entry(d.main_identity);
  acquire(kStart);
  (*d.body)();
  Fibre& me = current();
  if (!me.open.empty() || !me.groups.empty())
    stop_with("a thread exits with cp.async copies that it never waited for");
  release(kEnd);
  me.state = State::exited;
  ++d.exited;
  leave();
  std::abort();
}

void resume(int index) {
  Device& d = device();
  Fibre& fibre = d.fibres[std::size_t(index)];
  d.current = index;
  threadIdx = fibre.thread;
  before_resuming(fibre.identity, d.main_identity, d.parity, fibre.stacks[d.parity], kStackBytes);
  fibre.context = context::jump_fcontext(fibre.context, nullptr).fctx;
  after_resuming(d.main_identity);
  if (!d.fault.empty()) {
    const std::string what = std::move(d.fault);
    d.fault.clear();
    fail(what, index);
  }
}

// Below each stack, so that one that overflows ends the program instead of another's memory.
constexpr std::size_t kGuardBytes = 4096;

void need_fibres(int count) {
  auto& fibres = device().fibres;
  while (int(fibres.size()) < count) {
    Fibre fibre{};
    for (char*& stack : fibre.stacks) {
      void* block = mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (block == MAP_FAILED || mprotect(block, kGuardBytes, PROT_NONE) != 0)
        throw Fault("emulated device: no memory for the stacks of a block");
      stack = static_cast<char*>(block) + kGuardBytes;
    }
    make_identity(fibre.identity);
    fibres.push_back(std::move(fibre));
  }
}

void prepare_block() {
  Device& d = device();
  d.exited = d.at_barrier = 0;
  d.generation = 0;
  for (Warp& warp : d.warps) {
    warp.under_way = 0;
    warp.begun = 0;
  }
  for (int i = 0; i < d.threads; ++i) {
    Fibre& fibre = d.fibres[std::size_t(i)];
    fibre.state = State::ready;
    fibre.open.clear();
    fibre.groups.clear();
    fibre.context =
        context::make_fcontext(fibre.stacks[d.parity] + kStackBytes, kStackBytes, enter);
  }
}

// Lets each thread of [first, last) go on, if it can. Whether one could.
bool go_on(const std::vector<int>& order, std::size_t first, std::size_t last) {
  bool moved = false;
  for (std::size_t i = first; i < last; ++i) {
    if (device().fibres[std::size_t(order[i])].state != State::ready) continue;
    resume(order[i]);
    moved = true;
  }
  return moved;
}

// Warp by warp, each as far as it gets alone: what one does long before another is seen.
bool run_warps(const std::vector<int>& order) {
  bool moved = false;
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first + 1;
    while (last < order.size() && order[last] / 32 == order[first] / 32) ++last;
    while (go_on(order, first, last)) moved = true;
    first = last;
  }
  return moved;
}

// Threads by chance, while about half of the warps rest.
bool run_some(std::vector<int>& order, std::mt19937& random) {
  std::shuffle(order.begin(), order.end(), random);
  const std::uint32_t resting = random();
  const auto awake = std::partition(order.begin(), order.end(),
                                    [&](int thread) { return !(resting >> thread / 32 & 1); });
  return go_on(order, 0, std::size_t(awake - order.begin())) || go_on(order, 0, order.size());
}

void run_block(std::vector<int>& order, std::mt19937& random) {
  const Device& d = device();
  while (d.exited < d.threads) {
    const bool moved =
        options().order == Order::random ? run_some(order, random) : run_warps(order);
    if (!moved) fail("deadlock, no thread can go on,");
  }
}

std::vector<std::size_t> block_order(std::size_t blocks, std::mt19937& random) {
  std::vector<std::size_t> order(blocks);
  for (std::size_t i = 0; i < blocks; ++i) order[i] = i;
  if (options().order == Order::reverse) std::reverse(order.begin(), order.end());
  if (options().order == Order::random) std::shuffle(order.begin(), order.end(), random);
  return order;
}

void check_launch(Size3 grid, Size3 block, std::size_t shared_bytes) {
  const std::size_t threads = std::size_t(block.x) * block.y * block.z;
  const auto refuse = [](const auto&... parts) {
    throw Fault(concat(device().kernel, " on the emulated device: ", parts...));
  };
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > 0x7fffffffu || grid.y > 65535 ||
      grid.z > 65535)
    refuse("invalid grid (", grid.x, ", ", grid.y, ", ", grid.z, ")");
  if (threads == 0 || threads > 1024 || block.z > 64)
    refuse("invalid block (", block.x, ", ", block.y, ", ", block.z, ")");
  if (shared_bytes > kMostShared) refuse(shared_bytes, " bytes of shared memory asked for");
}

}  // namespace

Options& options() {
  static Options one;
  return one;
}

void poison(void* to, std::size_t bytes) {
  if (options().dry) return;
  auto* words = static_cast<std::uint32_t*>(to);
  for (std::size_t i = 0; i < bytes / 4; ++i) words[i] = kPoison;
  auto* rest = static_cast<unsigned char*>(to) + bytes / 4 * 4;
  for (std::size_t i = 0; i < bytes % 4; ++i) rest[i] = 0x7f;
}

void run(const char* kernel, Size3 grid, Size3 block, std::size_t shared_bytes,
         const std::function<void()>& body) {
  Device& d = device();
  d.kernel = kernel;
  check_launch(grid, block, shared_bytes);
  if (options().dry) return;
  d.threads = int(block.x * block.y * block.z);
  d.body = &body;
  gridDim = dim3(grid.x, grid.y, grid.z);
  blockDim = dim3(block.x, block.y, block.z);
  need_fibres(d.threads);
  d.warps.resize(std::size_t(d.threads + 31) / 32);
  for (int i = 0; i < d.threads; ++i)
    d.fibres[std::size_t(i)].thread = {unsigned(i) % block.x, unsigned(i) / block.x % block.y,
                                       unsigned(i) / (block.x * block.y)};

  std::mt19937 random(options().seed);
  const auto blocks = block_order(std::size_t(grid.x) * grid.y * grid.z, random);
  std::vector<int> order(std::size_t(d.threads), 0);
  for (int i = 0; i < d.threads; ++i) order[std::size_t(i)] = i;
  if (options().order == Order::reverse) std::reverse(order.begin(), order.end());
  SharedMemory memory(blocks.size(), shared_bytes);
  d.shared_bytes = shared_bytes;
  enter_main(d.main_identity);
  release(kStart);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto b = unsigned(blocks[i]);
    d.parity = int(i & 1);
    blockIdx = {b % grid.x, b / grid.x % grid.y, b / grid.x / grid.y};
    d.shared = static_cast<char*>(memory.of_block(i));
    prepare_block();
    run_block(order, random);
  }
  acquire(kEnd);
  d.shared = nullptr;
  d.body = nullptr;
}

void* shared_memory(std::size_t bytes) {
  const Device& d = device();
  if (bytes > d.shared_bytes)
    stop_with(concat("the kernel uses ", bytes,
                     " bytes of shared memory where the launch asked for ", d.shared_bytes));
  return d.shared;
}
unsigned lane() { return unsigned(device().current) & 31; }

void barrier() {
  Device& d = device();
  const unsigned generation = d.generation;
  release(kBarrier[d.parity][generation & 1]);
  current().state = State::at_barrier;
  if (++d.at_barrier == d.threads) {
    d.at_barrier = 0;
    ++d.generation;
    for (int i = 0; i < d.threads; ++i) d.fibres[std::size_t(i)].state = State::ready;
  }
  leave();  // the last one too: the order decides who goes on first
  acquire(kBarrier[d.parity][generation & 1]);
}

LaneData exchange(unsigned mask, WarpOp op, const LaneData& mine) {
  Device& d = device();
  const int index = d.current, first = index & ~31, lanes = std::min(32, d.threads - first);
  Warp& warp = d.warps[std::size_t(index) / 32];
  const unsigned there = lanes == 32 ? ~0u : (1u << lanes) - 1, me = 1u << (index & 31);
  mask &= there;
  if (!(mask & me)) stop_with("a lane calls a warp operation that its mask leaves out");
  Meeting* meeting = join(warp, mask, op, me, d.parity);
  if (!meeting) stop_with("lanes of a warp meet in two operations, or with two masks");
  for (std::size_t i = 0; i < 12; ++i) warp.lanes[index & 31].in[i] = mine.in[i];
  warp.lanes[index & 31].source = mine.source;
  char* const order = meeting->order;
  if (op == WarpOp::sync) release(order);
  if (meeting->arrived == mask) {
    if (const char* wrong = compute(warp, *meeting)) stop_with(wrong);
    end(warp, *meeting);
    for (int i = 0; i < lanes; ++i)
      if (mask >> i & 1) d.fibres[std::size_t(first + i)].state = State::ready;
  } else {
    current().state = State::at_warp;
    leave();
  }
  if (op == WarpOp::sync) acquire(order);
  return warp.lanes[index & 31];
}

namespace {
void land(const Copy& copy) { land_copy(copy.to, copy.from, copy.bytes, copy.valid); }
}  // namespace

void check_shared(const void* at, std::size_t bytes, const char* call) {
  const Device& d = device();
  const std::less_equal<const void*> before;
  if (!before(d.shared, at) ||
      !before(static_cast<const char*>(at) + bytes, d.shared + d.shared_bytes))
    stop_with(concat(call, " with an address outside of the block's shared memory"));
  if (reinterpret_cast<std::uintptr_t>(at) % bytes != 0)
    stop_with(concat(call, " with an address that is no multiple of its size"));
}

void copy_issue(void* to, const void* from, int bytes, int valid) {
  check_shared(to, std::size_t(bytes), "cp.async");
  if (valid > 0 && reinterpret_cast<std::uintptr_t>(from) % std::uintptr_t(bytes) != 0)
    stop_with("cp.async with an address that is no multiple of its size");
  const Copy copy{to, from, bytes, valid};
  if (!options().late_copies) return land(copy);
  land_poison(to, bytes);
  current().open.push_back(copy);
}

void copy_commit() {
  Fibre& me = current();
  if (!options().late_copies) return;
  me.groups.push_back(std::move(me.open));
  me.open.clear();
}

void copy_wait(int groups_left) {
  auto& groups = current().groups;
  while (int(groups.size()) > groups_left) {
    for (const Copy& copy : groups.front()) land(copy);
    groups.erase(groups.begin());
  }
}

}  // namespace mien::emu
