#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/api.h"
#include "tests/support/catch.h"

namespace mien {
namespace {

// The members of KernelTable, in its order.
const std::vector<std::string> kEntries = {"unary",
                                           "unary_grad",
                                           "binary",
                                           "binary_grad",
                                           "compare",
                                           "where",
                                           "fill",
                                           "axpy",
                                           "cast",
                                           "copy",
                                           "gather",
                                           "gather_grad",
                                           "reduce",
                                           "argmax",
                                           "square_sum",
                                           "norm_scale",
                                           "softmax",
                                           "softmax_grad",
                                           "softmax_xent",
                                           "softmax_xent_grad",
                                           "row_loss",
                                           "row_loss_grad",
                                           "count_right",
                                           "gemm_scratch",
                                           "gemm",
                                           "conv2d_plan",
                                           "conv2d_pack",
                                           "conv2d",
                                           "conv2d_name",
                                           "max_pool2d",
                                           "max_pool2d_grad",
                                           "avg_pool2d",
                                           "avg_pool2d_grad",
                                           "upsample2d",
                                           "upsample2d_grad",
                                           "batch_norm",
                                           "batch_norm_grad",
                                           "layer_norm",
                                           "layer_norm_grad",
                                           "dropout",
                                           "adam",
                                           "sgd",
                                           "rmsprop",
                                           "adagrad",
                                           "affine_warp",
                                           "augment"};

std::vector<std::string> null_entries(const KernelTable& table) {
  using Entry = void (*)();
  INFO("kEntries lists all members of KernelTable");
  REQUIRE(sizeof(KernelTable) == kEntries.size() * sizeof(Entry));
  std::vector<Entry> entries(kEntries.size());
  std::memcpy(entries.data(), &table, sizeof table);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (!entries[i]) out.push_back(kEntries[i]);
  return out;
}

TEST_CASE("the CPU computes every op in f32 and f64", "[kernels]") {
  using Names = std::vector<std::string>;
  REQUIRE(null_entries(cpu_kernels(DType::f32)) == Names{"norm_scale"});
  REQUIRE(null_entries(cpu_kernels(DType::f64)) ==
          Names{"norm_scale", "count_right", "affine_warp", "augment"});
}

TEST_CASE("the CPU stores bf16, i32 and u8, and compares the integers", "[kernels]") {
  for (const DType dtype : {DType::bf16, DType::i32, DType::u8}) {
    INFO(name_of(dtype));
    std::vector<std::string> wanted{"fill", "cast", "copy", "gather"};
    if (dtype != DType::bf16) wanted.push_back("compare");
    const std::vector<std::string> missing = null_entries(cpu_kernels(dtype));
    REQUIRE(missing.size() + wanted.size() == kEntries.size());
    for (const std::string& entry : wanted)
      REQUIRE(std::count(missing.begin(), missing.end(), entry) == 0);
  }
}

}  // namespace
}  // namespace mien
