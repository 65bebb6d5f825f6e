#include "lib/nn/builtin_layers.h"

#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/nn/activation_layers.h"
#include "mien/nn/conv.h"
#include "mien/nn/dense.h"
#include "mien/nn/dropout.h"
#include "mien/nn/graph.h"
#include "mien/nn/merge.h"
#include "mien/nn/normalization.h"
#include "mien/nn/pooling.h"
#include "mien/nn/sequential.h"
#include "mien/nn/shape_layers.h"

namespace mien::nn {
namespace {

template <class M>
std::unique_ptr<Module> made(M layer) {
  return std::make_unique<M>(std::move(layer));
}

std::unique_ptr<Module> dense_from(const Config& c) {
  return made(
      Dense(int(c.need_int("units")),
            {.activation = act_from(c),
             .use_bias = c.get_bool("use_bias", true),
             .kernel_initializer = initializer_from(c, "kernel_initializer", glorot_uniform()),
             .bias_initializer = initializer_from(c, "bias_initializer", zeros()),
             .kernel_regularizer = regularizer_from(c, "kernel_regularizer")}));
}

std::unique_ptr<Module> conv2d_from(const Config& c) {
  return made(
      Conv2D(int(c.need_int("filters")), pair_from(c, "kernel_size", {1, 1}),
             {.strides = pair_from(c, "strides", {1, 1}),
              .padding = padding_from(c),
              .dilation_rate = pair_from(c, "dilation_rate", {1, 1}),
              .groups = int(c.get_int("groups", 1)),
              .activation = act_from(c),
              .use_bias = c.get_bool("use_bias", true),
              .kernel_initializer = initializer_from(c, "kernel_initializer", glorot_uniform()),
              .bias_initializer = initializer_from(c, "bias_initializer", zeros()),
              .kernel_regularizer = regularizer_from(c, "kernel_regularizer")}));
}

std::unique_ptr<Module> depthwise_from(const Config& c) {
  return made(DepthwiseConv2D(
      pair_from(c, "kernel_size", {1, 1}),
      {.strides = pair_from(c, "strides", {1, 1}),
       .padding = padding_from(c),
       .depth_multiplier = int(c.get_int("depth_multiplier", 1)),
       .dilation_rate = pair_from(c, "dilation_rate", {1, 1}),
       .activation = act_from(c),
       .use_bias = c.get_bool("use_bias", true),
       .depthwise_initializer = initializer_from(c, "depthwise_initializer", glorot_uniform()),
       .bias_initializer = initializer_from(c, "bias_initializer", zeros()),
       .depthwise_regularizer = regularizer_from(c, "depthwise_regularizer")}));
}

template <class Pooling>
std::unique_ptr<Module> pooling_from(const Config& c) {
  const auto size = pair_from(c, "pool_size", {2, 2});
  return made(
      Pooling(size, {.strides = pair_from(c, "strides", size), .padding = padding_from(c)}));
}

template <class Pooling>
std::unique_ptr<Module> global_from(const Config& c) {
  return made(Pooling({.keepdims = c.get_bool("keepdims", false)}));
}

// Old files have the axis as a list of one: [3] for images.
int axis_from(const Config& c, const char* kind) {
  const Config::Ints axis = c.get_ints("axis", {-1});
  MIEN_CHECK(axis.size() == 1, ValueError, kind, ": only one axis is normalized; got ",
             axis.size());
  return int(axis[0]);
}

std::unique_ptr<Module> batch_normalization_from(const Config& c) {
  return made(BatchNormalization({.axis = axis_from(c, "BatchNormalization"),
                                  .momentum = c.get_double("momentum", 0.99),
                                  .epsilon = c.get_double("epsilon", 1e-3),
                                  .center = c.get_bool("center", true),
                                  .scale = c.get_bool("scale", true)}));
}

std::unique_ptr<Module> layer_normalization_from(const Config& c) {
  MIEN_CHECK(!c.get_bool("rms_scaling", false), ValueError,
             "LayerNormalization: rms_scaling is not known");
  return made(LayerNormalization({.axis = axis_from(c, "LayerNormalization"),
                                  .epsilon = c.get_double("epsilon", 1e-3),
                                  .center = c.get_bool("center", true),
                                  .scale = c.get_bool("scale", true)}));
}

std::unique_ptr<Module> relu_from(const Config& c) {
  ReLUOptions options{.negative_slope = c.get_double("negative_slope", 0),
                      .threshold = c.get_double("threshold", 0)};
  if (const double most = c.get_double("max_value", -1); most >= 0) options.max_value = most;
  return made(ReLU(options));
}

std::unique_ptr<Module> zero_padding_from(const Config& c) {
  Config::Ints p = c.get_ints("padding", {1, 1, 1, 1});
  if (p.size() == 1) p = {p[0], p[0], p[0], p[0]};
  if (p.size() == 2) p = {p[0], p[0], p[1], p[1]};
  MIEN_CHECK(p.size() == 4, ValueError, "ZeroPadding2D: padding must be 1, 2 or 4 integers");
  return made(ZeroPadding2D({int(p[0]), int(p[1]), int(p[2]), int(p[3])}));
}

std::unique_ptr<Module> up_sampling_from(const Config& c) {
  const std::string how = c.get_string("interpolation", "nearest");
  MIEN_CHECK(how == "nearest" || how == "bilinear", ValueError,
             "UpSampling2D: interpolation must be nearest or bilinear; got '", how, "'");
  return made(UpSampling2D(
      pair_from(c, "size", {2, 2}),
      {.interpolation = how == "nearest" ? Interpolation::nearest : Interpolation::bilinear}));
}

std::unique_ptr<Module> sequential_from(const Config& c) {
  auto model = std::make_unique<Sequential>();
  for (const Config& layer : c.get_list("layers")) model->add(make_layer(layer));
  if (c.has("input_shape")) {
    const Config::Ints dims = c.get_ints("input_shape", {});
    model->build(Shape(std::span<const std::int64_t>(dims)));
  }
  return model;
}

constexpr BuiltinLayer kLayers[] = {
    {"Activation", [](const Config& c) { return made(Activation(act_from(c))); }},
    {"Add", [](const Config&) { return made(Add()); }},
    {"AveragePooling2D", pooling_from<AveragePooling2D>},
    {"BatchNormalization", batch_normalization_from},
    {"Concatenate", [](const Config& c) { return made(Concatenate(int(c.get_int("axis", -1)))); }},
    {"Conv2D", conv2d_from},
    {"Dense", dense_from},
    {"DepthwiseConv2D", depthwise_from},
    {"Dropout", [](const Config& c) { return made(Dropout(c.get_double("rate", 0))); }},
    {"ELU", [](const Config& c) { return made(ELU(c.get_double("alpha", 1))); }},
    {"Flatten", [](const Config&) { return made(Flatten()); }},
    {"GlobalAveragePooling2D", global_from<GlobalAveragePooling2D>},
    {"GlobalMaxPooling2D", global_from<GlobalMaxPooling2D>},
    {"Graph",
     [](const Config& c) -> std::unique_ptr<Module> {
       return std::make_unique<Graph>(Graph::from(c));
     }},
    {"LayerNormalization", layer_normalization_from},
    {"LeakyReLU",
     [](const Config& c) {
       return made(LeakyReLU(c.get_double("negative_slope", c.get_double("alpha", 0.3))));
     }},
    {"MaxPooling2D", pooling_from<MaxPooling2D>},
    {"ReLU", relu_from},
    {"Rescaling",
     [](const Config& c) {
       return made(Rescaling(c.get_double("scale", 1), c.get_double("offset", 0)));
     }},
    {"Reshape", [](const Config& c) { return made(Reshape(c.get_ints("target_shape", {-1}))); }},
    {"Sequential", sequential_from},
    {"Softmax", [](const Config& c) { return made(Softmax(int(c.get_int("axis", -1)))); }},
    {"UpSampling2D", up_sampling_from},
    {"ZeroPadding2D", zero_padding_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_layers() { return kLayers; }

}  // namespace mien::nn
