#pragma once

#include "kernels/cpu/gemm_eigen.h"

namespace mien::cpu {

/// y += op(a) op(c) on the calling thread, with the instruction set in use. Sizes of 0 do nothing.
template <class T>
void gemm_add(const GemmBlock<T>& block);

/// What a product is added to: y = beta y + bias per column (none where null), row by row. Does not
/// read y where beta is 0.
template <class T>
void begin_rows(T* y, std::int64_t rows, std::int64_t columns, std::int64_t row_stride,
                const T* bias, double beta);

}  // namespace mien::cpu
