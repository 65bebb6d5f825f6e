#include "kernels/cpu/simd/table.h"
#include "kernels/cpu/isa.h"
#include "kernels/cpu/kernels.h"

namespace mien {
namespace {

template <class T>
constexpr KernelTable computing_table() {
  return {
      .unary = cpu::unary<T>,
      .unary_grad = cpu::unary_grad<T>,
      .binary = cpu::binary<T>,
      .binary_grad = cpu::binary_grad<T>,
      .compare = cpu::compare<T>,
      .where = cpu::where<T>,
      .fill = cpu::fill<T>,
      .axpy = cpu::axpy<T>,
      .cast = cpu::cast,
      .copy = cpu::copy<T>,
      .gather = cpu::gather<T>,
      .gather_grad = cpu::gather_grad<T>,
      .reduce = cpu::reduce<T>,
      .argmax = cpu::argmax<T>,
      .square_sum = cpu::square_sum<T>,
      .norm_scale = nullptr,
      .softmax = cpu::softmax<T>,
      .softmax_grad = cpu::softmax_grad<T>,
      .softmax_xent = cpu::softmax_xent<T>,
      .softmax_xent_grad = cpu::softmax_xent_grad<T>,
      .row_loss = cpu::row_loss<T>,
      .row_loss_grad = cpu::row_loss_grad<T>,
      .count_right = std::is_same_v<T, float> ? cpu::count_right : nullptr,
      .gemm_scratch = cpu::gemm_scratch<T>,
      .gemm = cpu::gemm<T>,
      .conv2d_plan = cpu::conv2d_plan<T>,
      .conv2d_pack = cpu::conv2d_pack<T>,
      .conv2d = cpu::conv2d<T>,
      .conv2d_name = cpu::conv2d_name,
      .max_pool2d = cpu::max_pool2d<T>,
      .max_pool2d_grad = cpu::max_pool2d_grad<T>,
      .avg_pool2d = cpu::avg_pool2d<T>,
      .avg_pool2d_grad = cpu::avg_pool2d_grad<T>,
      .upsample2d = cpu::upsample2d<T>,
      .upsample2d_grad = cpu::upsample2d_grad<T>,
      .batch_norm = cpu::batch_norm<T>,
      .batch_norm_grad = cpu::batch_norm_grad<T>,
      .layer_norm = cpu::layer_norm<T>,
      .layer_norm_grad = cpu::layer_norm_grad<T>,
      .dropout = cpu::dropout<T>,
      .adam = cpu::adam<T>,
      .sgd = cpu::sgd<T>,
      .rmsprop = cpu::rmsprop<T>,
      .adagrad = cpu::adagrad<T>,
      .affine_warp = std::is_same_v<T, float> ? cpu::affine_warp : nullptr,
      .augment = std::is_same_v<T, float> ? cpu::augment : nullptr,
  };
}

template <class T>
constexpr KernelTable storage_table() {
  KernelTable table{};
  table.fill = cpu::fill<T>;
  table.cast = cpu::cast;
  table.copy = cpu::copy<T>;
  table.gather = cpu::gather<T>;
  if constexpr (std::is_integral_v<T>) table.compare = cpu::compare<T>;
  return table;
}

// One for each instruction set, of which the build has some.
struct Tables {
  KernelTable f32[kIsas];
  Tables() {
    for (KernelTable& table : f32) table = computing_table<float>();
#if defined(MIEN_HAVE_X86_ISA)
    cpu::avx2::fill(f32[int(Isa::avx2)]);
    cpu::avx512::fill(f32[int(Isa::avx512)]);
#elif defined(MIEN_HAVE_NEON)
    cpu::neon::fill(f32[int(Isa::neon)]);
#endif
  }
};

}  // namespace

const KernelTable& cpu_kernels(DType dtype) {
  static const Tables tables;
  static constexpr KernelTable f64 = computing_table<double>();
  static constexpr KernelTable half = storage_table<bf16>();
  static constexpr KernelTable i32 = storage_table<std::int32_t>();
  static constexpr KernelTable u8 = storage_table<std::uint8_t>();
  switch (dtype) {
    case DType::f32:
      return tables.f32[int(active_isa())];
    case DType::f64:
      return f64;
    case DType::bf16:
      return half;
    case DType::i32:
      return i32;
    case DType::u8:
      return u8;
  }
  return f64;
}

}  // namespace mien
