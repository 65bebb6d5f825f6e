#include <type_traits>

#include "kernels/cuda/api.h"
#include "kernels/cuda/kernels.h"

namespace mien {
namespace {

// What activations of this type need. Sums are f32, and so is what belongs to weights.
template <class T>
constexpr KernelTable activations_table() {
  KernelTable table{};
  table.unary = cuda::unary<T>;
  table.unary_grad = cuda::unary_grad<T>;
  table.binary = cuda::binary<T>;
  table.binary_grad = cuda::binary_grad<T>;
  table.compare = cuda::compare<T>;
  table.where = cuda::where<T>;
  table.fill = cuda::fill<T>;
  table.axpy = cuda::axpy<T>;
  table.cast = cuda::cast;
  table.copy = cuda::copy<T>;
  table.gather = cuda::gather<T>;
  table.gather_grad = cuda::gather_grad<T>;
  table.reduce = cuda::reduce<T>;
  table.argmax = cuda::argmax<T>;
  table.softmax = cuda::softmax<T>;
  table.softmax_grad = cuda::softmax_grad<T>;
  table.gemm_scratch = cuda::gemm_scratch<T>;
  table.gemm = cuda::gemm<T>;
  table.conv2d_plan = cuda::conv2d_plan<T>;
  table.conv2d = cuda::conv2d<T>;
  table.conv2d_name = cuda::conv2d_name;
  table.max_pool2d = cuda::max_pool2d<T>;
  table.max_pool2d_grad = cuda::max_pool2d_grad<T>;
  table.avg_pool2d = cuda::avg_pool2d<T>;
  table.avg_pool2d_grad = cuda::avg_pool2d_grad<T>;
  table.upsample2d = cuda::upsample2d<T>;
  table.upsample2d_grad = cuda::upsample2d_grad<T>;
  table.batch_norm = cuda::batch_norm<T>;
  table.batch_norm_grad = cuda::batch_norm_grad<T>;
  table.layer_norm = cuda::layer_norm<T>;
  table.layer_norm_grad = cuda::layer_norm_grad<T>;
  table.dropout = cuda::dropout<T>;
  return table;
}

constexpr KernelTable f32_table() {
  KernelTable table = activations_table<float>();
  table.square_sum = cuda::square_sum<float>;
  table.norm_scale = cuda::norm_scale;
  table.softmax_xent = cuda::softmax_xent<float>;
  table.softmax_xent_grad = cuda::softmax_xent_grad<float>;
  table.row_loss = cuda::row_loss<float>;
  table.row_loss_grad = cuda::row_loss_grad<float>;
  table.count_right = cuda::count_right;
  table.adam = cuda::adam;
  table.sgd = cuda::sgd;
  table.rmsprop = cuda::rmsprop;
  table.adagrad = cuda::adagrad;
  table.affine_warp = cuda::affine_warp;
  table.augment = cuda::augment;
  return table;
}

template <class T>
constexpr KernelTable storage_table() {
  KernelTable table{};
  table.fill = cuda::fill<T>;
  table.cast = cuda::cast;
  table.copy = cuda::copy<T>;
  table.gather = cuda::gather<T>;
  if constexpr (std::is_integral_v<T>) table.compare = cuda::compare<T>;
  return table;
}

}  // namespace

const KernelTable& cuda_kernels(DType dtype) {
  static constexpr KernelTable f32 = f32_table();
  static constexpr KernelTable f64{};  // devices are slow in it
  static constexpr KernelTable half = activations_table<bf16>();
  static constexpr KernelTable i32 = storage_table<std::int32_t>();
  static constexpr KernelTable u8 = storage_table<std::uint8_t>();
  switch (dtype) {
    case DType::f32:
      return f32;
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
