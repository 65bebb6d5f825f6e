#include "lib/runtime/profile.h"

#include <algorithm>
#include <chrono>

#include "lib/runtime/environment.h"
#include "lib/runtime/profile_record.h"
#include "mien/runtime.h"

namespace mien {
namespace {

constexpr std::size_t kMostEvents = 1'000'000;  // some 50 MB

thread_local std::uint32_t layer_now = 0;
thread_local bool backward_now = false;

double now_us() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::micro>(now).count();
}

int this_thread() {
  static std::atomic<int> threads{0};
  thread_local const int number = threads.fetch_add(1) + 1;
  return number;
}

}  // namespace

std::atomic<bool> profiling_now{false};

ProfileRecord& profile_record() {
  static ProfileRecord* const record = new ProfileRecord;
  return *record;
}

void set_profiling(bool on) {
  apply_environment();  // so that a later first use does not overrule this call
  if (on) {
    ProfileRecord& record = profile_record();
    const std::lock_guard lock(record.mutex);
    record.totals.clear();
    record.events.clear();
    record.dropped_events = 0;
    record.begin_us = record.end_us = -1;
  }
  profiling_now = on;
}

void ProfiledOp::begin(const char* op, const OpCost& cost) {
  op_ = op;
  cost_ = cost;
  begin_us_ = now_us();
}

void ProfiledOp::end() {
  const double end_us = now_us(), us = end_us - begin_us_;
  ProfileRecord& record = profile_record();
  const std::lock_guard lock(record.mutex);
  const auto at = record.totals.try_emplace({op_, layer_now, backward_now}).first;
  ProfileRecord::Totals& totals = at->second;
  ++totals.calls;
  totals.us += us;
  totals.cost.flop += cost_.flop;
  totals.cost.bytes += cost_.bytes;
  totals.cost.how = cost_.how;
  if (record.begin_us < 0 || begin_us_ < record.begin_us) record.begin_us = begin_us_;
  record.end_us = std::max(record.end_us, end_us);
  if (record.events.size() < kMostEvents)
    record.events.push_back({&at->first, begin_us_, us, cost_, this_thread()});
  else
    ++record.dropped_events;
}

std::uint32_t profiled_layer() { return layer_now; }

void ProfiledLayer::enter(std::string_view name) {
  ProfileRecord& record = profile_record();
  const std::lock_guard lock(record.mutex);
  const auto [at, is_new] = record.layers_inside.try_emplace({layer_now, std::string(name)},
                                                             std::uint32_t(record.layers.size()));
  if (is_new) {
    const std::string& outer = record.layers[layer_now];
    record.layers.push_back(outer.empty() ? std::string(name) : outer + "/" + std::string(name));
  }
  enter_backward(at->second);
  backward_now = was_backward_;
}

void ProfiledLayer::enter_backward(std::uint32_t layer) {
  inside_ = true;
  was_ = layer_now;
  was_backward_ = backward_now;
  layer_now = layer;
  backward_now = true;
}

void ProfiledLayer::leave() {
  layer_now = was_;
  backward_now = was_backward_;
}

}  // namespace mien
