#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void operation_cases(LayerCases& add) {
  using namespace nn;
  const auto unary = [&](const char* name, Config arguments = {}) {
    add(name, Operation(std::string(name).substr(3), {.arguments = std::move(arguments)}),
        {kImage});
  };
  for (const char* name : {"op_absolute", "op_exp", "op_identity", "op_negative", "op_relu6",
                           "op_sigmoid", "op_square", "op_tanh", "op_silu", "op_selu",
                           "op_softplus", "op_softsign", "op_hard_sigmoid", "op_hard_silu"})
    unary(name);
  unary("op_clip", Config().set("x_min", -0.5).set("x_max", 0.25));
  unary("op_leaky_relu", Config().set("negative_slope", 0.1));
  unary("op_elu", Config().set("alpha", 0.5));
  unary("op_gelu", Config().set("approximate", true));
  unary("op_softmax", Config().set("axis", 2));
  unary("op_log_softmax", Config().set("axis", -1));
  unary("op_mean", Config().set("axis", Config::Ints{1, 2}).set("keepdims", true));
  unary("op_sum", Config().set("axis", -1));
  unary("op_max", Config().set("axis", 1));
  unary("op_reshape", Config().set("newshape", Config::Ints{-1, 6, 20}));
  unary("op_transpose", Config().set("axes", Config::Ints{0, 3, 1, 2}));
  unary("op_expand_dims", Config().set("axis", -1));
  unary("op_get_item", Config().set("key", Config::Strings{":", "1:-1:2", "...", "-1"}));
  // 2 x, x - 1, 1 - x, x / [..], 1.5 / x
  const Operand x{.input = 0}, channels{.values = {1, -2, 0.5, 3}, .shape = {4}};
  add("op_multiply", Operation("multiply", {.operands = {x, {.values = {2}}}}), {kImage});
  add("op_subtract", Operation("subtract", {.operands = {x, {.values = {1}}}}), {kImage});
  add("op_subtract_from", Operation("subtract", {.operands = {{.values = {1}}, x}}), {kImage});
  add("op_divide", Operation("divide", {.operands = {x, channels}}), {kImage});
  add("op_maximum", Operation("maximum", {.operands = {channels, x}}), {kImage});
  add("op_power", Operation("power", {.operands = {x, {.values = {2}}}}), {kImage});
  add("op_add", Operation("add"), {kImage, {2, 1, 1, 4}});
  add("op_concatenate", Operation("concatenate", {.arguments = Config().set("axis", 1)}),
      {kImage, {2, 2, 6, 4}});
  add("op_stack", Operation("stack", {.arguments = Config().set("axis", -2)}), {kRow, kRow});
  add("op_matmul", Operation("matmul"), {kImage, {2, 5, 4, 3}});
}

}  // namespace mien
