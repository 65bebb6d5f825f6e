// The matrix product of every instruction set, straight through the table of kernels, in f32.
#include <algorithm>
#include <cmath>

#include "kernels/api.h"
#include "kernels/parallel.h"
#include "lib/runtime/allocator.h"
#include "tests/support/catch.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Case {
  std::int64_t m, n, k, batch = 1;
  bool a_repeats = false, c_repeats = false, summed = false;

  std::string str() const {
    return std::to_string(batch) + " times " + std::to_string(m) + "x" + std::to_string(k) +
           " by " + std::to_string(n);
  }
};

const std::vector<Case> kCases = {
    {1, 1, 1},
    {1, 7, 256},
    {1, 256, 4608},  // several parts of the sum
    {2, 37, 300},
    {3, 70, 19},
    {4, 33, 130},
    {5, 31, 17},
    {13, 32, 33},
    {17, 65, 70},
    {29, 64, 390},  // several stretches of k
    {128, 7, 256},
    {400, 290, 40},  // several blocks of rows and columns
    {3, 5, 0},
    {20, 5, 0},
    {0, 4, 3},
    {6, 0, 3},
    {6, 10, 9, 5},
    {6, 10, 9, 5, true},
    {6, 10, 9, 5, false, true},
    {2, 40, 30, 3},
    {7, 20, 30, 4, false, false, true},
    {1, 20, 30, 4, false, true, true},
    {40, 50, 3, 0},
    {3, 2, 3, 0, false, false, true},
};

struct Product {
  GemmArgs args;
  Tensor a, c, y, bias;

  Product(const Case& p, bool trans_a, bool trans_c, double beta, bool with_bias)
      : a(noise({p.a_repeats ? 1 : p.batch, p.m, p.k}, 1)),
        c(noise({p.c_repeats ? 1 : p.batch, p.k, p.n}, 2)),
        y(noise({p.summed ? 1 : p.batch, p.m, p.n}, 3)),
        bias(noise({p.n}, 4)) {
    args = {.batch = p.batch,
            .m = p.m,
            .n = p.n,
            .k = p.k,
            .trans_a = trans_a,
            .trans_c = trans_c,
            .a = a.raw(),
            .c = c.raw(),
            .y = y.raw(),
            .a_stride = p.a_repeats ? 0 : p.m * p.k,
            .c_stride = p.c_repeats ? 0 : p.k * p.n,
            .y_stride = p.summed ? 0 : p.m * p.n,
            .bias = with_bias ? bias.raw() : nullptr,
            .beta = beta};
  }
  static Tensor noise(const Shape& shape, std::uint64_t seed) {
    return random_tensor(shape, seed, -1, 1, DType::f32);
  }

  // By the definition, in double.
  Tensor expected() const {
    const std::vector<double> va = values(a), vc = values(c), vb = values(bias);
    std::vector<double> out = values(y);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] =
          (args.beta == 0 ? 0 : args.beta * out[i]) + (args.bias ? vb[i % std::size_t(args.n)] : 0);
    for (std::int64_t b = 0; b < args.batch; ++b)
      for (std::int64_t i = 0; i < args.m; ++i)
        for (std::int64_t j = 0; j < args.n; ++j)
          for (std::int64_t k = 0; k < args.k; ++k)
            out[std::size_t(b * args.y_stride + i * args.n + j)] +=
                va[std::size_t(b * args.a_stride +
                               (args.trans_a ? k * args.m + i : i * args.k + k))] *
                vc[std::size_t(b * args.c_stride +
                               (args.trans_c ? j * args.k + k : k * args.n + j))];
    return Tensor::from(out, y.shape(), {.dtype = DType::f64});
  }
  void run() {
    const KernelTable& kernels = cpu_kernels(DType::f32);
    const Scratch scratch(kCpu, kernels.gemm_scratch(args));
    args.scratch = scratch.get();
    kernels.gemm(args, nullptr);
  }
};

// Each of the cases in all its forms.
template <class Visit>
void for_each_form(const Visit& visit) {
  const KeepSettings keep;
  for (const std::string_view isa : runnable_isas()) {
    set_cpu_isa(isa);
    for (const Case& c : kCases)
      for (const bool trans_a : {false, true})
        for (const bool trans_c : {false, true})
          for (const double beta : {0.0, 1.0, -0.5})
            for (const bool bias : {false, true}) {
              INFO(isa << " " << c.str() << (trans_a ? " a transposed" : "")
                       << (trans_c ? " c transposed" : "") << " beta " << beta << " bias " << bias);
              visit([&] { return Product(c, trans_a, trans_c, beta, bias); });
            }
  }
}

TEST_CASE("the matrix product is its definition, on every instruction set", "[kernels]") {
  for_each_form([](const auto& make) {
    Product product = make();
    if (product.args.beta == 0)  // what lies there before must not be read
      std::fill_n(product.y.template data<float>(), product.y.numel(), NAN);
    const Tensor want = product.expected();
    product.run();
    REQUIRE(relative_error(product.y, want) < 2e-6);
  });
}

TEST_CASE("the matrix product gives the same bits for any number of threads", "[kernels]") {
  for_each_form([](const auto& make) {
    Product one = make();
    if (one.args.bias || one.args.beta != 1) return;
    set_num_threads(1);
    one.run();
    for (const int threads : {2, 3, 7}) {
      set_num_threads(threads);
      Product other = make();
      other.run();
      REQUIRE(values(other.y) == values(one.y));
    }
  });
}

}  // namespace
}  // namespace mien
