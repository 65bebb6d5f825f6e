// gemm: the matrix product, cut into blocks of the result.
#include "kernels/cpu/gemm.h"

#include <algorithm>

#include "kernels/cpu/isa.h"
#include "kernels/cpu/kernels.h"

namespace mien::cpu {
namespace {

// Blocks of y that the threads take. Packing a block's operands costs m k + k n for 2 m n k
// operations, so blocks are as large as leaves enough of them for all threads.
struct Blocks {
  std::int64_t m, n;  // rows and columns of one block
  std::int64_t down, across;
};

constexpr std::int64_t kRows = 256, kColumns = 512, kLeast = 64, kEnoughPieces = 8;
// Below this many multiplications a piece is not worth handing out.
constexpr std::int64_t kLeastWork = 1 << 16;

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

Blocks cut(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t batch) {
  std::int64_t rows = std::min(m, kRows), columns = std::min(n, kColumns);
  while (batch * divide_up(m, rows) * divide_up(n, columns) < kEnoughPieces &&
         rows * columns * k > kLeastWork && std::max(rows, columns) > kLeast) {
    std::int64_t& longer = rows > columns ? rows : columns;
    longer = divide_up(longer, 32) * 16;  // half of it, in whole vectors
  }
  return {rows, columns, divide_up(m, rows), divide_up(n, columns)};
}

}  // namespace

template <class T>
void gemm_add(const GemmBlock<T>& block) {
  if (block.m <= 0 || block.n <= 0 || block.k <= 0) return;
#ifdef MIEN_HAVE_X86_ISA
  if (active_isa() == Isa::avx512) {
    [[maybe_unused]] static const bool ready = (gemm_setup_avx512(), true);
    return gemm_add_avx512(block);
  }
  if (active_isa() == Isa::avx2) {
    [[maybe_unused]] static const bool ready = (gemm_setup_avx2(), true);
    return gemm_add_avx2(block);
  }
#endif
  [[maybe_unused]] static const bool ready = (gemm_setup_base(), true);
  gemm_add_base(block);
}

template <class T>
void begin_rows(T* y, std::int64_t rows, std::int64_t columns, std::int64_t row_stride,
                const T* bias, double beta) {
  const T scale = T(beta);
  for (std::int64_t r = 0; r < rows; ++r, y += row_stride) {
    if (beta == 0 && bias) {
      std::copy(bias, bias + columns, y);
    } else if (beta == 0) {
      std::fill(y, y + columns, T(0));
    } else if (bias) {
      for (std::int64_t i = 0; i < columns; ++i) y[i] = scale * y[i] + bias[i];
    } else if (beta != 1) {
      for (std::int64_t i = 0; i < columns; ++i) y[i] *= scale;
    }
  }
}

template <class T>
std::size_t gemm_scratch(const GemmArgs&) {
  return 0;
}

template <class T>
void gemm(const GemmArgs& g, StreamHandle) {
  const T *a = static_cast<const T*>(g.a), *c = static_cast<const T*>(g.c),
          *bias = static_cast<const T*>(g.bias);
  T* y = static_cast<T*>(g.y);
  const std::int64_t lda = g.trans_a ? g.m : g.k, ldc = g.trans_c ? g.k : g.n;
  // Products into one y are added up by one piece, in their order.
  const bool summed = g.y_stride == 0;
  const std::int64_t results = summed ? 1 : g.batch, summands = summed ? g.batch : 1;
  if (g.m == 0 || g.n == 0) return;
  const Blocks blocks = cut(g.m, g.n, g.k, results);
  parallel_for(results * blocks.down * blocks.across, [&](std::int64_t piece) {
    const std::int64_t column = piece % blocks.across * blocks.n;
    const std::int64_t row = piece / blocks.across % blocks.down * blocks.m;
    const std::int64_t first = piece / blocks.across / blocks.down;
    GemmBlock<T> block{.m = std::min(blocks.m, g.m - row),
                       .n = std::min(blocks.n, g.n - column),
                       .k = g.k,
                       .trans_a = g.trans_a,
                       .trans_c = g.trans_c,
                       .a = nullptr,
                       .lda = lda,
                       .c = nullptr,
                       .ldc = ldc,
                       .y = y + first * g.y_stride + row * g.n + column,
                       .ldy = g.n};
    begin_rows(block.y, block.m, block.n, block.ldy, bias ? bias + column : nullptr, g.beta);
    for (std::int64_t b = first; b < first + summands; ++b) {
      block.a = a + b * g.a_stride + row * (g.trans_a ? 1 : lda);
      block.c = c + b * g.c_stride + column * (g.trans_c ? ldc : 1);
      gemm_add(block);
    }
  });
}

template void gemm_add<float>(const GemmBlock<float>&);
template void gemm_add<double>(const GemmBlock<double>&);
template void begin_rows<float>(float*, std::int64_t, std::int64_t, std::int64_t, const float*,
                                double);
template void begin_rows<double>(double*, std::int64_t, std::int64_t, std::int64_t, const double*,
                                 double);
template std::size_t gemm_scratch<float>(const GemmArgs&);
template std::size_t gemm_scratch<double>(const GemmArgs&);
MIEN_INSTANTIATE(gemm, GemmArgs);

}  // namespace mien::cpu
