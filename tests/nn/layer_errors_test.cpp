#include "mien/nn/registry.h"

#include "mien/base/error.h"
#include "mien/nn.h"
#include "mien/ops.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

TEST_CASE("layers say what is wrong with an option", "[nn]") {
  CHECK_THROWS_WITH(nn::Dense(0), "Dense: units must be at least 1; got 0");
  CHECK_THROWS_WITH(nn::Conv2D(8, {3, 0}), "Conv2D: kernel_size must be at least 1; got 0");
  CHECK_THROWS_WITH(nn::Conv2D(8, {3, 3}, {.groups = 3}),
                    "Conv2D: filters must be a multiple of groups; got 8 and 3");
  CHECK_THROWS_WITH(nn::Dropout(1.0), "Dropout: rate must be at least 0 and below 1; got 1");
  CHECK_THROWS_AS(nn::MaxPooling2D({0, 2}), ValueError);
  CHECK_THROWS_AS(nn::BatchNormalization({.momentum = 1.5}), ValueError);
  CHECK_THROWS_AS(nn::BatchNormalization({.epsilon = 0}), ValueError);
  CHECK_THROWS_AS(nn::ZeroPadding2D({0, 0, -1, 0}), ValueError);
  CHECK_THROWS_AS(nn::UpSampling2D({0, 1}), ValueError);
  CHECK_THROWS_AS(nn::Reshape({-1, -1}), ValueError);
  CHECK_THROWS_AS(nn::Concatenate(0), ValueError);
  CHECK_THROWS_WITH(nn::Cropping2D({0, -1, 0, 0}),
                    "Cropping2D: cropping must not be negative; got -1");
  CHECK_THROWS_WITH(nn::SeparableConv2D(4, {3, 3}, {.depth_multiplier = 0}),
                    "SeparableConv2D: depth_multiplier must be at least 1; got 0");
  CHECK_THROWS_WITH(nn::Conv2D(4, {3, 3}, {.padding = nn::custom}),
                    "Conv2D: padding must be valid or same");
  CHECK_THROWS_WITH(nn::Dot(0), "Dot: axis 0 is the batch");
  CHECK_THROWS_WITH(nn::Conv2D(4, {3, 3}, {.padding = nn::causal}),
                    "Conv2D: padding must be valid or same");
  CHECK_THROWS_WITH(nn::Conv1D(8, 3, {.groups = 3}),
                    "Conv1D: filters must be a multiple of groups; got 8 and 3");
  CHECK_THROWS_WITH(nn::DepthwiseConv1D(3, {.padding = nn::causal}),
                    "DepthwiseConv1D: padding must be valid or same");
  CHECK_THROWS_WITH(nn::SeparableConv1D(3, 2, {.strides = 0}),
                    "SeparableConv1D: strides must be at least 1; got 0");
  CHECK_THROWS_WITH(nn::Conv2DTranspose(4, {3, 3}, {.strides = {2, 1}, .dilation_rate = {1, 2}}),
                    "Conv2DTranspose: strides above 1 do not go with a dilation_rate above 1");
  CHECK_THROWS_WITH(nn::Conv1DTranspose(4, 3, {.strides = 2, .output_padding = 2}),
                    "Conv1DTranspose: output_padding must be at least 0 and below strides; got 2 "
                    "for a stride of 2");
  CHECK_THROWS_WITH(nn::MaxPooling1D(0), "MaxPooling1D: pool_size must be at least 1; got 0");
  CHECK_THROWS_WITH(nn::Permute({1, 3}), "Permute: dims must be the axes 1 to 2, each once");
  CHECK_THROWS_WITH(nn::RepeatVector(0), "RepeatVector: n must be at least 1; got 0");
  CHECK_THROWS_AS(nn::UpSampling1D(0), ValueError);
  CHECK_THROWS_AS(nn::ZeroPadding1D({-1, 0}), ValueError);
  CHECK_THROWS_AS(nn::Cropping1D({0, -1}), ValueError);
  CHECK_THROWS_WITH(nn::GroupNormalization(0),
                    "GroupNormalization: groups must be at least 1, or -1; got 0");
  CHECK_THROWS_WITH(nn::GaussianNoise(-1), "GaussianNoise: stddev must not be negative; got -1");
  CHECK_THROWS_WITH(nn::SpatialDropout2D(1),
                    "SpatialDropout2D: rate must be at least 0 and below 1; got 1");
  CHECK_THROWS_WITH(nn::Dropout(0.5, {.noise_shape = {-1, 0}}),
                    "Dropout: sizes of noise_shape must be at least 1, or -1; got 0");
  CHECK_THROWS_WITH(nn::CenterCrop(3, 0), "CenterCrop: width must be at least 1; got 0");
  CHECK_THROWS_WITH(nn::Normalization({.mean = {1}}),
                    "Normalization: as many variances as means are required; got 0 and 1");
  CHECK_THROWS_WITH(nn::PReLU({.shared_axes = {0}}), "PReLU: shared_axes count from 1; got 0");
  nn::Config unknown;
  unknown.set("class_name", "Dense").set("units", 3).set("activation", "frobnicate");
  CHECK_THROWS_WITH(nn::make_layer(unknown), Contains("frobnicate"));
}

TEST_CASE("what Keras has and a layer has not is refused by name", "[nn]") {
  const auto made = [](const char* key, nn::Config::Value value) {
    return nn::make_layer(nn::Config()
                              .set("class_name", "Dense")
                              .set("name", "head")
                              .set("units", 3)
                              .set(key, std::move(value)));
  };
  const nn::Config::Value object = nn::Config::List{nn::Config().set("class_name", "MaxNorm")};
  CHECK_THROWS_WITH(made("kernel_constraint", object),
                    "Dense 'head': kernel_constraint is not supported");
  CHECK_THROWS_WITH(made("activity_regularizer", object),
                    "Dense 'head': activity_regularizer is not supported");
  CHECK_THROWS_WITH(made("lora_rank", std::int64_t(4)), "Dense 'head': lora_rank is not supported");
  CHECK_NOTHROW(made("kernel_constraint", std::monostate()));
  const auto other = [](const char* kind, const char* key, nn::Config::Value value) {
    return nn::make_layer(nn::Config()
                              .set("class_name", kind)
                              .set("name", "mine")
                              .set("filters", 2)
                              .set("kernel_size", 3)
                              .set(key, std::move(value)));
  };
  CHECK_THROWS_WITH(other("UpSampling2D", "interpolation", std::string("lanczos3")),
                    "UpSampling2D 'mine': interpolation lanczos3 is not supported");
  CHECK_THROWS_WITH(other("AlphaDropout", "noise_shape", nn::Config::Ints{1, 4}),
                    "AlphaDropout 'mine': noise_shape is not supported");
  CHECK_THROWS_WITH(other("Resizing", "antialias", true),
                    "Resizing 'mine': antialias is not supported");
  CHECK_THROWS_WITH(other("Resizing", "interpolation", std::string("bicubic")),
                    "Resizing 'mine': interpolation bicubic is not supported");
  CHECK_THROWS_WITH(other("Normalization", "mean", nn::Config::Ints{}),
                    "config: 'mean' must be a number or a list of numbers");
  CHECK_THROWS_WITH(other("Conv2DTranspose", "groups", std::int64_t(2)),
                    "Conv2DTranspose 'mine': groups is not supported");
  CHECK_NOTHROW(other("Conv2DTranspose", "groups", std::int64_t(1)));
  CHECK_THROWS_WITH(other("BatchNormalization", "renorm", true),
                    "BatchNormalization 'mine': renorm is not supported");
  CHECK_NOTHROW(other("BatchNormalization", "synchronized", true));
  CHECK_THROWS_WITH(other("Conv1D", "padding", std::string("full")),
                    "config: padding must be valid, same or causal; got 'full'");
}

TEST_CASE("layers say which shapes do not fit", "[nn]") {
  const auto build = [](nn::Layer&& layer, const Shape& in) { return layer.build(in); };
  CHECK_THROWS_WITH(build(nn::Conv2D(8, {3, 3}), {48, 48}),
                    "Conv2D: a sample must be [H, W, C]; got [48, 48]");
  CHECK_THROWS_WITH(build(nn::Conv2D(8, {3, 3}, {.groups = 2}), {4, 4, 3}),
                    "Conv2D: the channels of [4, 4, 3] must be a multiple of 2 groups");
  CHECK_THROWS_WITH(build(nn::Reshape({4, -1}), {6}),
                    "Reshape: a sample of [6] has 6 elements, which do not make [4, 1]");
  CHECK_THROWS_AS(build(nn::MaxPooling2D(), {1, 1, 3}), ShapeError);
  CHECK_THROWS_AS(build(nn::GlobalAveragePooling2D(), {7}), ShapeError);
  nn::Dense dense(3);
  CHECK_THROWS_WITH(dense(Tensor::zeros({2, 7})),
                    "Dense: is not built; call build() with the shape of one sample");
  dense.build(Shape{7});
  CHECK_THROWS_WITH(dense.build(Shape{8}), "Dense: was built for samples of [7]; got [8]");
  CHECK_THROWS_WITH(dense(Tensor::zeros({2, 8})), Contains("[2, 8]") && Contains("[7, 3]"));

  nn::Sequential model{nn::Conv2D(4, {3, 3}), nn::Conv2D(4, {3, 3})};
  CHECK_THROWS_WITH(model.build({4, 4, 1}),
                    Contains("layer 'conv2d_1': ") && Contains("[1, 2, 2, 4]"));
  nn::Add add;
  CHECK_THROWS_WITH(add.build(Shapes{{2, 3}, {4, 3}}), Contains("[2, 3]") && Contains("[4, 3]"));
  nn::Subtract subtract;
  CHECK_THROWS_WITH(subtract.build(Shapes{{3}, {3}, {3}}), "Subtract: takes two inputs; got 3");
  nn::Dot dot({1, 2});
  CHECK_THROWS_WITH(dot.build(Shapes{{2, 3}, {4, 3}}),
                    "Dot: axis 1 of a sample of [2, 3] and axis 2 of one of [4, 3] differ");
  CHECK_THROWS_WITH(build(nn::Cropping2D({1, 1, 0, 0}), {2, 4, 1}),
                    "Cropping2D: cropping {1, 1, 0, 0} leaves nothing of [2, 4, 1]");
  CHECK_THROWS_WITH(build(nn::Conv1D(8, 3), {4, 4, 3}),
                    "Conv1D: a sample must be [L, C]; got [4, 4, 3]");
  CHECK_THROWS_WITH(build(nn::Cropping1D({1, 1}), {2, 1}),
                    "Cropping1D: cropping {1, 1} leaves nothing of [2, 1]");
  CHECK_THROWS_WITH(build(nn::Permute({2, 1}), {2}), "Permute: a sample must have 2 axes; got [2]");
  CHECK_THROWS_WITH(nn::MaxPooling1D()(Tensor::zeros({2, 3})),
                    "MaxPooling1D: input must be [N, L, C]; got [2, 3]");
  CHECK_THROWS_WITH(build(nn::LayerNormalization({.axis = 4}), {5, 6, 3}),
                    "LayerNormalization: axis 4 is out of range for samples of [5, 6, 3]");
  CHECK_THROWS_WITH(build(nn::BatchNormalization({.axis = 0}), {3}),
                    "BatchNormalization: axis 0 is out of range for samples of [3]");
  CHECK_THROWS_WITH(build(nn::GroupNormalization(4), {5, 6}),
                    "GroupNormalization: the channels of [5, 6] must be a multiple of 4 groups");
  CHECK_THROWS_WITH(build(nn::PReLU({.shared_axes = {2}}), {5}),
                    "PReLU: a sample of [5] has no axis 2");
  nn::Concatenate concatenate;
  CHECK_THROWS_WITH(concatenate.build(Shapes{{2, 3}, {4, 3}}),
                    Contains("[2, 3]") && Contains("[4, 3]"));
}

}  // namespace
}  // namespace mien
