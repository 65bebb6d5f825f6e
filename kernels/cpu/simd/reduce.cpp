// Sums of columns, as in the gradient of a bias: [rows, columns] -> [columns], in double as in the
// portable kernel, which does all other reductions.
#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/simd.h"
#include "kernels/parallel.h"

namespace mien::cpu {

template <class T>
void reduce(const ReduceArgs&, StreamHandle);  // of kernels/cpu/reduce.cpp

}  // namespace mien::cpu

namespace mien::cpu::MIEN_ISA {
namespace {

constexpr int kDoubles = kLanes / 2;
using Doubles = double __attribute__((vector_size(MIEN_VECTOR_BYTES)));
using HalfVec = float __attribute__((vector_size(MIEN_VECTOR_BYTES / 2)));

constexpr std::int64_t kColumns = 256;  // of a block
constexpr std::int64_t kMostParts = 32, kPartElements = 1 << 14;
constexpr std::int64_t kRows =
    32;  // which all columns read before the next ones: first-level cache

// sum[j] += the sum over the rows of x[row * stride + j], of V * kDoubles columns.
template <int V>
MIEN_INLINE void add_rows(const float* x, std::int64_t rows, std::int64_t stride, double* sum) {
  Doubles run[V];
  __builtin_memcpy(run, sum, sizeof run);
  for (std::int64_t row = 0; row < rows; ++row, x += stride)
    for (int v = 0; v < V; ++v) {
      HalfVec half;
      __builtin_memcpy(&half, x + v * kDoubles, sizeof half);
      run[v] += __builtin_convertvector(half, Doubles);
    }
  __builtin_memcpy(sum, run, sizeof run);
}

void sum_rows(const float* x, std::int64_t rows, std::int64_t stride, std::int64_t columns,
              double* sum) {
  __builtin_memset(sum, 0, std::size_t(columns) * sizeof(double));
  for (std::int64_t row = 0; row < rows; row += kRows, x += kRows * stride) {
    const std::int64_t count = least(kRows, rows - row);
    std::int64_t j = 0;
    for (; j + 8 * kDoubles <= columns; j += 8 * kDoubles)
      add_rows<8>(x + j, count, stride, sum + j);
    for (; j + kDoubles <= columns; j += kDoubles) add_rows<1>(x + j, count, stride, sum + j);
    for (; j < columns; ++j)
      for (std::int64_t i = 0; i < count; ++i) sum[j] += double(x[i * stride + j]);
  }
}

void sum_columns(const ReduceArgs& a) {
  const std::int64_t rows = a.dims[0], columns = a.dims[1];
  const float* x = static_cast<const float*>(a.x);
  for (std::int64_t first = 0; first < columns; first += kColumns) {
    const std::int64_t width = least(kColumns, columns - first);
    const std::int64_t parts =
        least(most<std::int64_t>(rows * width / kPartElements, 1), kMostParts);
    double sums[kMostParts][kColumns];
    parallel_for(parts, [&](std::int64_t part) {
      const std::int64_t begin = rows * part / parts, end = rows * (part + 1) / parts;
      sum_rows(x + begin * columns + first, end - begin, columns, width, sums[part]);
    });
    float* y = static_cast<float*>(a.y) + first;
    for (std::int64_t j = 0; j < width; ++j) {
      double sum = 0;
      for (std::int64_t part = 0; part < parts; ++part) sum += sums[part][j];
      y[j] = float(a.beta == 0 ? a.alpha * sum : a.beta * double(y[j]) + a.alpha * sum);
    }
  }
}

}  // namespace

void reduce(const ReduceArgs& a, StreamHandle stream) {
  if (a.op == ReduceOp::sum && a.rank == 2 && a.reduced[0] && !a.reduced[1]) return sum_columns(a);
  cpu::reduce<float>(a, stream);
}

}  // namespace mien::cpu::MIEN_ISA
