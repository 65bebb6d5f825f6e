#pragma once

#include <array>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "mien/base/act.h"
#include "mien/nn/config.h"
#include "mien/nn/initializers.h"
#include "mien/nn/module.h"
#include "mien/ops/axes.h"
#include "mien/ops/padding.h"

// What layers share: checks with the layer's name in front, and their options as Config values and
// back.

namespace mien::nn {

/// Checks the rank of a sample's shape (without batch): "Conv2D: a sample must be [H, W, C]; got
/// [7]".
void check_sample(const Module& layer, const Shape& in, int rank, const char* wanted);
/// Checks that a built layer's samples have the last axis that its weights were made for.
void check_channels(const Module& layer, std::int64_t built, const Shape& in);
/// Checks that a layer has its weights: "Dense: is not built; call build() ...".
void check_built(const Module& layer, const Tensor& weight);
/// Checks an option: "Dense: units must be at least 1; got 0".
void check_positive(const char* kind, const char* option, std::initializer_list<int> values);
/// Checks that a padding is one that Keras has for the layer.
void check_padding(const char* kind, Padding padding);

/// activation(x, act); softmax and sigmoid note their logits for the loss. Softmax of bf16 gives
/// f32: bf16 has steps of 0.4% just below 1.
Tensor activated(const Tensor& x, Act act);

Config::Value pair_value(const std::array<int, 2>& pair);
std::array<int, 2> pair_from(const Config& config, std::string_view key,
                             std::array<int, 2> fallback);
/// Axes as Keras has them: one integer, or a list of several.
Config::Value axes_value(const Axes& axes);
Axes axes_from(const Config& config, std::string_view key, const Axes& fallback);
/// Numbers as Keras has them: null for none, one, or a list of several; also NumPy's arrays of one
/// axis.
Config::Value numbers_value(const std::vector<double>& numbers);
std::vector<double> numbers_from(const Config& config, std::string_view key,
                                 const std::vector<double>& fallback);
/// An option of one axis, which Keras writes as a list of one.
Config::Value one_value(int value);
int one_from(const Config& config, std::string_view key, int fallback);
Config::Value initializer_value(const Initializer& initializer);
Initializer initializer_from(const Config& config, std::string_view key,
                             const Initializer& fallback);
Config::Value regularizer_value(const Regularizer& regularizer);
Regularizer regularizer_from(const Config& config, std::string_view key);
const char* padding_name(Padding padding);
/// With causal: "causal" is known as well, as in Conv1D.
Padding padding_from(const Config& config, bool causal = false);
Act act_from(const Config& config);

/// Throws ValueError "LSTM 'lstm_1': stateful is not supported" for the first of these options that
/// is there and neither null nor false nor 0, so that a file's option is never left out silently.
void refuse_options(const Config& config, std::initializer_list<std::string_view> keys);
/// The same for what Keras gives to many layers and none here has: constraints of weights,
/// activity_regularizer, LoRA and quantization. make_layer() does it for all of mien's own.
void refuse_untrainable(const Config& config);

}  // namespace mien::nn
