#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/recurrent.h"

namespace mien::nn {
namespace {

Act act_at(const Config& c, std::string_view key, Act fallback) {
  return act_named(c.get_string(key, name_of(fallback)));
}

template <class Options>
Options options_from(const Config& c) {
  refuse_options(c, {"stateful", "time_major"});
  Options out;
  out.activation = act_at(c, "activation", out.activation);
  out.use_bias = c.get_bool("use_bias", out.use_bias);
  out.kernel_initializer = initializer_from(c, "kernel_initializer", out.kernel_initializer);
  out.recurrent_initializer =
      initializer_from(c, "recurrent_initializer", out.recurrent_initializer);
  out.bias_initializer = initializer_from(c, "bias_initializer", out.bias_initializer);
  out.kernel_regularizer = regularizer_from(c, "kernel_regularizer");
  out.recurrent_regularizer = regularizer_from(c, "recurrent_regularizer");
  out.bias_regularizer = regularizer_from(c, "bias_regularizer");
  out.dropout = c.get_double("dropout", 0);
  out.recurrent_dropout = c.get_double("recurrent_dropout", 0);
  out.return_sequences = c.get_bool("return_sequences", false);
  out.return_state = c.get_bool("return_state", false);
  out.go_backwards = c.get_bool("go_backwards", false);
  return out;
}

std::unique_ptr<Module> simple_rnn_from(const Config& c) {
  return made(SimpleRNN(int(c.need_int("units")), options_from<SimpleRNNOptions>(c)));
}

std::unique_ptr<Module> lstm_from(const Config& c) {
  auto options = options_from<LSTMOptions>(c);
  options.recurrent_activation = act_at(c, "recurrent_activation", options.recurrent_activation);
  options.unit_forget_bias = c.get_bool("unit_forget_bias", true);
  return made(LSTM(int(c.need_int("units")), std::move(options)));
}

std::unique_ptr<Module> gru_from(const Config& c) {
  auto options = options_from<GRUOptions>(c);
  options.recurrent_activation = act_at(c, "recurrent_activation", options.recurrent_activation);
  options.reset_after = c.get_bool("reset_after", true);
  return made(GRU(int(c.need_int("units")), std::move(options)));
}

constexpr BuiltinLayer kLayers[] = {
    {"GRU", gru_from},
    {"LSTM", lstm_from},
    {"SimpleRNN", simple_rnn_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_recurrent() { return kLayers; }

}  // namespace mien::nn
