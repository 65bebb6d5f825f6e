#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "kernels/api.h"
#include "mien/base/philox.h"
#include "tests/support/catch.h"
#include "tests/support/settings.h"

namespace mien {
namespace {

AffineWarpArgs map(double xx, double xy, double x0, double yx, double yy, double y0) {
  AffineWarpArgs m{};
  m.xx = xx;
  m.xy = xy;
  m.x0 = x0;
  m.yx = yx;
  m.yy = yy;
  m.y0 = y0;
  return m;
}

const AffineWarpArgs kMaps[] = {map(1, 0, 0, 0, 1, 0),                       // as it is
                                map(-1, 0, 4, 0, -1, 6),                     // both flips of 7 x 5
                                map(0.83, -0.31, 1.7, 0.29, 0.91, -2.6),     // over two edges
                                map(1.9, 0.4, -9.3, -0.7, 2.2, 4.4),         // far over all edges
                                map(0.1, 0.02, 1.26, 0.03, 0.1, 1.31),       // inside
                                map(37.3, 0, -200.4, 11.9, -53.1, 400.7),    // long steps
                                map(1, 0, 1e6 + 0.25, 0, 1, -1e6 - 0.125)};  // all of it outside
const std::array<int, 5> kSizes[] = {{1, 1, 1, 3, 5},     {1, 6, 1, 4, 20},   {6, 1, 3, 4, 17},
                                     {2, 2, 1, 2, 2},     {2, 2, 3, 2, 2},    {7, 5, 1, 7, 5},
                                     {7, 5, 2, 7, 5},     {7, 5, 3, 9, 33},   {7, 5, 4, 1, 1},
                                     {40, 50, 1, 48, 48}, {40, 50, 3, 48, 37}};

template <class T>
std::vector<T> noise(std::size_t count) {
  PhiloxStream random(5, 1);
  std::vector<T> values(count);
  for (T& value : values) value = T(random.below(256));
  return values;
}

std::size_t pixels_of(const std::array<int, 5>& size) {
  return std::size_t(size[0] * size[1] * size[2]);
}

template <class T>
std::vector<float> warped(const T* in, AffineWarpArgs args, const std::array<int, 5>& size,
                          FillMode fill) {
  args.h = size[0];
  args.w = size[1];
  args.c = size[2];
  args.oh = size[3];
  args.ow = size[4];
  std::vector<float> out(std::size_t(args.oh * args.ow * args.c), -1);
  args.from = dtype_of<T>();
  args.x = in;
  args.y = out.data();
  args.fill = fill;
  args.cval = 300;
  cpu_kernels(DType::f32).affine_warp(args, nullptr);
  return out;
}

/// Bytes with no memory right before or right behind them: reading there ends the program.
class Fenced {
 public:
  Fenced(const std::vector<std::uint8_t>& bytes, bool behind) {
    const std::size_t page = std::size_t(::sysconf(_SC_PAGESIZE));
    const std::size_t room = (bytes.size() + page - 1) / page * page;
    size_ = room + 2 * page;
    void* const all = ::mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(all != MAP_FAILED);
    begin_ = static_cast<std::uint8_t*>(all);
    REQUIRE(::mprotect(begin_ + page, room, PROT_READ | PROT_WRITE) == 0);
    data_ = begin_ + page + (behind ? room - bytes.size() : 0);
    std::copy(bytes.begin(), bytes.end(), data_);
  }
  ~Fenced() { ::munmap(begin_, size_); }
  Fenced(const Fenced&) = delete;
  Fenced& operator=(const Fenced&) = delete;
  const std::uint8_t* data() const { return data_; }

 private:
  std::size_t size_ = 0;
  std::uint8_t *begin_ = nullptr, *data_ = nullptr;
};

template <class T>
std::vector<float> warped(const AffineWarpArgs& args, const std::array<int, 5>& size,
                          FillMode fill) {
  return warped(noise<T>(pixels_of(size)).data(), args, size, fill);
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(double(a[i]) - double(b[i])));
  }
  return largest;
}

TEST_CASE("every instruction set warps images as the portable kernel does", "[kernels][isa]") {
  const KeepSettings keep;
  for (const std::string_view isa : runnable_isas()) {
    for (const std::array<int, 5>& size : kSizes) {
      for (const AffineWarpArgs& m : kMaps) {
        for (int fill = 0; fill < 4; ++fill) {
          INFO(isa << ", " << size[0] << " x " << size[1] << " x " << size[2] << " to " << size[3]
                   << " x " << size[4] << ", map of " << m.xx << " " << m.x0 << ", fill " << fill);
          set_cpu_isa("base");
          const std::vector<float> want = warped<std::uint8_t>(m, size, FillMode(fill));
          set_cpu_isa(isa);
          const std::vector<float> got = warped<std::uint8_t>(m, size, FillMode(fill));
          REQUIRE(largest_difference(got, want) < 0.02);  // of 255; most of it from long steps
          REQUIRE(warped<float>(m, size, FillMode(fill)) == got);
        }
      }
    }
  }
}

TEST_CASE("every instruction set reads nothing beside an image", "[kernels][isa]") {
  const KeepSettings keep;
  for (const std::string_view isa : runnable_isas()) {
    set_cpu_isa(isa);
    for (const std::array<int, 5>& size : kSizes) {
      const std::vector<std::uint8_t> image = noise<std::uint8_t>(pixels_of(size));
      const Fenced before(image, false), behind(image, true);
      for (const AffineWarpArgs& m : kMaps) {
        const std::vector<float> want = warped(image.data(), m, size, FillMode::nearest);
        REQUIRE(warped(before.data(), m, size, FillMode::nearest) == want);
        REQUIRE(warped(behind.data(), m, size, FillMode::nearest) == want);
      }
    }
  }
}

TEST_CASE("every instruction set shows an image moved by whole pixels exactly", "[kernels][isa]") {
  const KeepSettings keep;
  const std::array<int, 5> size{7, 37, 1, 7, 37};
  const std::vector<float> in = noise<float>(7 * 37);
  for (const std::string_view isa : runnable_isas()) {
    INFO(isa);
    set_cpu_isa(isa);
    REQUIRE(warped<std::uint8_t>(map(1, 0, 0, 0, 1, 0), size, FillMode::nearest) == in);
    std::vector<float> turned =
        warped<std::uint8_t>(map(-1, 0, 36, 0, -1, 6), size, FillMode::wrap);
    std::reverse(turned.begin(), turned.end());
    REQUIRE(turned == in);
  }
}

}  // namespace
}  // namespace mien
