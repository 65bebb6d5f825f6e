#include "mien/ops/movement.h"

#include <vector>

#include "mien/base/error.h"
#include "mien/ops.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/values.h"

namespace mien {
namespace {

using V = std::vector<double>;

// 0, 1, 2, ... in that shape.
Tensor counting(const Shape& shape, DType dtype = DType::f32) {
  V v(static_cast<std::size_t>(shape.numel()));
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = double(i);
  return Tensor::from(v, shape, {.dtype = dtype});
}

const DType kAll[] = {DType::f32, DType::f64, DType::bf16, DType::i32, DType::u8};

TEST_CASE("movement ops put every element in its place, whatever the dtype", "[ops]") {
  for (const DType dtype : kAll) {
    INFO(name_of(dtype));
    const Tensor x = counting({2, 3}, dtype), cube = counting({2, 2, 3}, dtype);
    const auto is = [&](const Tensor& y, const Shape& shape, const V& want) {
      return y.shape() == shape && y.dtype() == dtype && values(y) == want;
    };
    REQUIRE(is(transpose(x), {3, 2}, {0, 3, 1, 4, 2, 5}));
    REQUIRE(is(transpose(cube, {1, 0, 2}), {2, 2, 3}, {0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11}));
    REQUIRE(is(transpose(cube, {-1, 0, 1}), {3, 2, 2}, {0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}));
    REQUIRE(is(flip(x), {2, 3}, {5, 4, 3, 2, 1, 0}));
    REQUIRE(is(flip(x, -1), {2, 3}, {2, 1, 0, 5, 4, 3}));
    REQUIRE(is(slice(x, 1, {.begin = 1}), {2, 2}, {1, 2, 4, 5}));
    REQUIRE(is(slice(x, -1, {.begin = 0, .step = 2}), {2, 2}, {0, 2, 3, 5}));
    REQUIRE(is(slice(x, 0, {.begin = -1}), {1, 3}, {3, 4, 5}));
    REQUIRE(is(slice(cube, 1, {.begin = -2, .end = -1}), {2, 1, 3}, {0, 1, 2, 6, 7, 8}));
    REQUIRE(is(slice(x, 1, {.begin = 3}), {2, 0}, {}));
    REQUIRE(is(pad(x, {{1, 0}, {0, 2}}, 7), {3, 5}, {7, 7, 7, 7, 7, 0, 1, 2, 7, 7, 3, 4, 5, 7, 7}));
    REQUIRE(is(concatenate({x, x}), {2, 6}, {0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5}));
    REQUIRE(is(concatenate({x, slice(x, 0, {0, 1})}, 0), {3, 3}, {0, 1, 2, 3, 4, 5, 0, 1, 2}));
    REQUIRE(is(stack({x, x}), {2, 2, 3}, {0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5}));
    REQUIRE(is(stack({x, x}, -1), {2, 3, 2}, {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5}));
    const Tensor indices = Tensor::from({2, 0, 2, 1}, {2, 2}, {.dtype = DType::i32});
    REQUIRE(is(gather(x, indices, 1), {2, 2, 2}, {2, 0, 2, 1, 5, 3, 5, 4}));
    REQUIRE(is(broadcast_to(slice(x, 0, {0, 1}), {2, 2, 3}), {2, 2, 3},
               {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}));
    REQUIRE(is(reshape(x, {3, -1}), {3, 2}, {0, 1, 2, 3, 4, 5}));
    REQUIRE(is(expand_dims(x, 1), {2, 1, 3}, {0, 1, 2, 3, 4, 5}));
    REQUIRE(is(expand_dims(x, -1), {2, 3, 1}, {0, 1, 2, 3, 4, 5}));
    REQUIRE(is(squeeze(expand_dims(expand_dims(x, 0), -1)), {2, 3}, {0, 1, 2, 3, 4, 5}));
    REQUIRE(is(squeeze(expand_dims(expand_dims(x, 0), -1), -1), {1, 2, 3}, {0, 1, 2, 3, 4, 5}));
  }
}

TEST_CASE("movement ops have the right gradients", "[ops]") {
  using Op = Tensor (*)(const Tensors&);
  struct Case {
    const char* name;
    Op op;
    std::vector<Shape> shapes;
  };
  const Case cases[] = {
      {"transpose", [](const Tensors& x) { return transpose(x[0]); }, {{3}, {2, 3}, {2, 1, 4}}},
      {"transpose 2 0 3 1",
       [](const Tensors& x) {
         return transpose(x[0], {2, 0, 3, 1});
       },
       {{2, 3, 1, 4}, {0, 2, 2, 2}}},
      {"flip", [](const Tensors& x) { return flip(x[0]); }, {{}, {1}, {2, 3}, {0, 3}}},
      {"flip 1", [](const Tensors& x) { return flip(x[0], 1); }, {{2, 3}, {2, 3, 2}}},
      {"rows",
       [](const Tensors& x) {
         return slice(x[0], 0, {1, 3});
       },
       {{3}, {4, 2}}},
      {"columns",
       [](const Tensors& x) {
         return slice(x[0], 1, {1, 4, 2});
       },
       {{2, 4}, {1, 5, 3}, {0, 4}}},
      {"no columns",
       [](const Tensors& x) {
         return slice(x[0], 1, {1, 1});
       },
       {{2, 4}}},
      {"pad",
       [](const Tensors& x) {
         return pad(x[0], {{1, 0}, {2, 3}}, 5);
       },
       {{2, 3}, {0, 2}}},
      {"broadcast_to",
       [](const Tensors& x) {
         return broadcast_to(x[0], {2, 3, 4});
       },
       {{}, {4}, {3, 1}, {2, 1, 1}, {2, 3, 4}}},
      {"reshape",
       [](const Tensors& x) {
         return reshape(x[0], {-1, 2});
       },
       {{4}, {3, 2}, {0}}},
      {"squeeze", [](const Tensors& x) { return squeeze(x[0], {0}); }, {{1}, {1, 3}}},
      {"expand_dims", [](const Tensors& x) { return expand_dims(x[0], -1); }, {{}, {2, 3}}},
      {"concatenate",
       [](const Tensors& x) {
         return concatenate({x[0], x[0] * 2, slice(x[0], 1, {0, 1})}, 1);
       },
       {{2, 3}, {2, 1, 3}}},
      {"stack",
       [](const Tensors& x) {
         return stack({x[0], x[0]}, 1);
       },
       {{3}, {2, 3}}},
      {"gather",
       [](const Tensors& x) {
         return gather(x[0], Tensor::from({1, 0, 1}, {3}, {.dtype = DType::i32}), -2);
       },
       {{2, 3}, {3, 2, 2}, {3, 4, 1}}},
      {"gather a scalar",
       [](const Tensors& x) { return gather(x[0], Tensor::scalar(1, {.dtype = DType::i32})); },
       {{2}, {3, 2}}}};
  for (const Case& each : cases) {
    for (const Shape& shape : each.shapes) {
      INFO(each.name << " of " << shape.str());
      const Tensor x = random_tensor(shape, 4);
      REQUIRE(gradcheck(each.op, {x}) == "");
      // Used twice, so that the gradient is added to what an interior tensor has.
      REQUIRE(gradcheck(
                  [&](const Tensors& v) {
                    const Tensors h{v[0] * 1.5};
                    return each.op(h) * each.op(h);
                  },
                  {x}) == "");
    }
  }
}

TEST_CASE("concatenate gives each part its gradient, also where one wants none", "[ops]") {
  const Tensor a = random_tensor({2, 2}, 1), c = random_tensor({2, 3}, 2);
  const Tensor plain = random_tensor({2, 1}, 3);
  REQUIRE(gradcheck(
              [&](const Tensors& x) {
                return concatenate({x[0], plain, x[1]});
              },
              {a, c}) == "");
  std::vector<Tensor> many(9, a);  // more than a short list holds
  REQUIRE(concatenate(many, 0).shape() == Shape{18, 2});
  REQUIRE(concatenate(std::vector<Tensor>{a}).shape() == Shape{2, 2});
}

TEST_CASE("one_hot marks each label's class", "[ops]") {
  const Tensor labels = Tensor::from({2, 0, 1, 2}, {2, 2}, {.dtype = DType::i32});
  const Tensor y = one_hot(labels, 3);
  REQUIRE(y.shape() == Shape{2, 2, 3});
  REQUIRE(y.dtype() == DType::f32);
  REQUIRE(values(y) == V{0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1});
  REQUIRE(one_hot(labels, 4, DType::u8).dtype() == DType::u8);
  REQUIRE(one_hot(Tensor::zeros({0}, {.dtype = DType::i32}), 3).shape() == Shape{0, 3});
  REQUIRE_THROWS_WITH(one_hot(labels, 2), "one_hot: label 2 is not in 0 .. 1");
  REQUIRE_THROWS_WITH(one_hot(labels, 0), "one_hot: classes must be at least 1; got 0");
  REQUIRE_THROWS_WITH(one_hot(Tensor::zeros({2}), 2), "one_hot: labels must be i32; got f32");
}

TEST_CASE("movement ops say what they wanted", "[ops]") {
  const Tensor x = Tensor::zeros({2, 3});
  const auto indices = [](double i) { return Tensor::from({i}, {1}, {.dtype = DType::i32}); };
  REQUIRE_THROWS_WITH(reshape(x, {4, -1}), "reshape: [2, 3] does not fit [4, 1]");
  REQUIRE_THROWS_WITH(reshape(x, {-1, -1}),
                      "reshape: one size may be -1, the others must not be negative; got -1");
  REQUIRE_THROWS_WITH(expand_dims(x, 3), "expand_dims: axis 3 has no place beside [2, 3]");
  REQUIRE_THROWS_WITH(squeeze(x, 1), "squeeze: axis 1 of [2, 3] is not of size 1");
  REQUIRE_THROWS_WITH(transpose(x, {0}),
                      "transpose: the order must name all axes of [2, 3]; got 1 of them");
  REQUIRE_THROWS_WITH(transpose(x, {0, -2}), "transpose: axis -2 is given twice for shape [2, 3]");
  REQUIRE_THROWS_WITH(flip(x, 2), "flip: axis 2 is out of range for shape [2, 3]");
  REQUIRE_THROWS_WITH(broadcast_to(x, {2}), "broadcast_to: [2, 3] does not broadcast to [2]");
  REQUIRE_THROWS_WITH(broadcast_to(x, {2, 1}), "broadcast_to: [2, 3] does not broadcast to [2, 1]");
  REQUIRE_THROWS_WITH(slice(x, 1, {1, 4}), "slice: 1 to 4 is not inside axis 1 of [2, 3]");
  REQUIRE_THROWS_WITH(slice(x, 1, {0, 2, 0}), "slice: step must be at least 1; got 0");
  REQUIRE_THROWS_WITH(pad(x, {{1, 1}}), "pad: one size for each axis of [2, 3] is required; got 1");
  REQUIRE_THROWS_WITH(pad(x, {{0, 0}, {-1, 0}}),
                      "pad: sizes must not be negative; got -1 and 0 for axis 1");
  REQUIRE_THROWS_WITH(concatenate({x, Tensor::zeros({3, 3})}),
                      "concatenate: shapes must agree but for axis -1; got [2, 3] and [3, 3]");
  REQUIRE_THROWS_WITH(concatenate({x, x.to(DType::f64)}),
                      "concatenate: inputs must be of one dtype; got f32 and f64");
  REQUIRE_THROWS_AS(concatenate(std::vector<Tensor>{}), ValueError);
  REQUIRE_THROWS_WITH(stack({x, Tensor::zeros({2})}),
                      "stack: shapes must agree; got [2, 3] and [2]");
  REQUIRE_THROWS_WITH(stack({x}, 4), "stack: axis 4 has no place beside [2, 3]");
  REQUIRE_THROWS_WITH(gather(x, indices(3), 1), "gather: index 3 is not in 0 .. 2");
  REQUIRE_THROWS_WITH(gather(x, indices(-1)), "gather: index -1 is not in 0 .. 1");
  REQUIRE_THROWS_WITH(gather(x, x), "gather: indices must be i32; got f32");
}

}  // namespace
}  // namespace mien
