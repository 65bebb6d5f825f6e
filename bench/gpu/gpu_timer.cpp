#include "bench/gpu/gpu_timer.h"

#include <algorithm>

#include "kernels/cuda/api.h"
#include "lib/runtime/allocator.h"
#include "mien/base/error.h"

namespace bench {

using namespace mien;

std::vector<ConvShape> gpu_convolutions(bool tiny) {
  if (tiny) return {{2, 6, 1, 8, 3}, {2, 5, 4, 8, 5}, {1, 4, 8, 12, 3}};
  return {
      {128, 48, 1, 64, 3}, {128, 24, 64, 128, 5}, {128, 12, 128, 512, 3}, {128, 6, 512, 512, 3}};
}

std::vector<ProductShape> gpu_products(bool tiny) {
  if (tiny) return {{5, 12, 20}};
  return {{128, 256, 4608}, {128, 512, 256}, {128, 7, 512}, {4096, 4096, 4096}};
}

std::string name_of(const ConvShape& s) {
  return concat(s.size, "x", s.size, ", ", s.channels, " to ", s.filters, ", ", s.side, "x",
                s.side);
}
std::string name_of(const ProductShape& s) { return concat(s.m, "x", s.n, "x", s.k); }

namespace {

constexpr int kWarmUps = 20, kTimed = 50;
constexpr std::size_t kMoreThanCache = std::size_t(256) << 20;

// From one event to the next, whatever happens between.
class Events {
 public:
  Events() : begin_(cuda::make_event()), end_(cuda::make_event()) {}
  ~Events() {
    cuda::release_event(begin_);
    cuda::release_event(end_);
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  double microseconds(const std::function<void()>& work) {
    cuda::record(begin_, cuda::work_stream());
    work();
    cuda::record(end_, cuda::work_stream());
    cuda::synchronize_event(end_);
    return 1e6 * cuda::seconds_between(begin_, end_);
  }

 private:
  EventHandle begin_, end_;
};

}  // namespace

nlohmann::json device_time(const std::function<void()>& work) {
  if (cuda_emulated()) {
    work();
    return {{"us_median", nullptr}, {"us_iqr", nullptr}};
  }
  const Scratch cache({DeviceType::cuda, 0}, kMoreThanCache);
  for (int i = 0; i < kWarmUps; ++i) work();
  Events events;
  std::vector<double> times;
  for (int i = 0; i < kTimed; ++i) {
    cuda::set_bytes(cache.get(), 0, kMoreThanCache, cuda::work_stream());
    times.push_back(events.microseconds(work));
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double part) { return times[std::size_t(part * (kTimed - 1))]; };
  return {{"us_median", at(0.5)}, {"us_iqr", at(0.75) - at(0.25)}};
}

}  // namespace bench
