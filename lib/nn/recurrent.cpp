#include "mien/nn/recurrent.h"

#include <utility>
#include <vector>

#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/ops/activations.h"
#include "mien/ops/dropout.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/matmul.h"
#include "mien/ops/movement.h"

namespace mien::nn {
namespace {

// Weights of gates side by side [rows, gates units] as one matrix a gate [gates, rows, units]: a
// gate then is a slice along the first axis, which shares bytes.
Tensor by_gate(const Tensor& weight, int gates, int units) {
  return transpose(weight.view({weight.shape()[0], gates, units}), {1, 0, 2});
}

// A gate of [gates, N, units].
Tensor gate(const Tensor& all, int i) {
  return all.slice(i, i + 1).view({all.shape()[1], all.shape()[2]});
}

// The part of other layers' options that they have in common.
template <class Options>
SimpleRNNOptions common(const Options& o) {
  return {.activation = o.activation,
          .use_bias = o.use_bias,
          .kernel_initializer = o.kernel_initializer,
          .recurrent_initializer = o.recurrent_initializer,
          .bias_initializer = o.bias_initializer,
          .kernel_regularizer = o.kernel_regularizer,
          .recurrent_regularizer = o.recurrent_regularizer,
          .bias_regularizer = o.bias_regularizer,
          .dropout = o.dropout,
          .recurrent_dropout = o.recurrent_dropout,
          .return_sequences = o.return_sequences,
          .return_state = o.return_state,
          .go_backwards = o.go_backwards,
          .name = o.name};
}

}  // namespace

Recurrent::Recurrent(int gates, int states, int units, SimpleRNNOptions options)
    : gates_(gates), states_(states), units_(units), options_(std::move(options)) {
  const char* kind = gates == 1 ? "SimpleRNN" : gates == 3 ? "GRU" : "LSTM";
  check_positive(kind, "units", {units});
  for (const double rate : {options_.dropout, options_.recurrent_dropout})
    MIEN_CHECK(rate >= 0 && rate < 1, ValueError, kind,
               ": dropout and recurrent_dropout must be at least 0 and below 1; got ", rate);
  set_name(options_.name);
}

void Recurrent::make_bias() {
  bias_ = param("bias", {std::int64_t(gates_) * units_}, options_.bias_initializer,
                options_.bias_regularizer);
}

Shapes Recurrent::build(std::span<const Shape> in) {
  MIEN_CHECK(in.size() == 1 || in.size() == 1 + std::size_t(states_), ValueError, kind(),
             ": takes a sequence, and its first state as ", states_, " more inputs or none; got ",
             in.size(), " inputs");
  check_sample(*this, in[0], 2, "[T, C]");
  MIEN_CHECK(in[0][0] >= 1, ShapeError, kind(), ": a sample must have a step; got ", in[0]);
  for (const Shape& state : in.subspan(1))
    MIEN_CHECK(state == Shape{units_}, ShapeError, kind(), ": a first state must be [", units_,
               "]; got ", state);
  if (kernel_.defined()) {
    check_channels(*this, kernel_.shape()[0], in[0]);
  } else {
    const std::int64_t columns = std::int64_t(gates_) * units_;
    kernel_ = param("kernel", {in[0][1], columns}, options_.kernel_initializer,
                    options_.kernel_regularizer);
    recurrent_kernel_ = param("recurrent_kernel", {units_, columns}, options_.recurrent_initializer,
                              options_.recurrent_regularizer);
    if (options_.use_bias) make_bias();
  }
  Shapes out = options_.return_sequences ? Shape{in[0][0], units_} : Shape{units_};
  for (int i = 0; options_.return_state && i < states_; ++i) out.push_back({units_});
  return out;
}

// The inputs of all steps by one product: [T, gates, N, units].
Tensor Recurrent::input_product(const Tensor& x, Pass& pass) const {
  const std::int64_t n = x.shape()[0], steps = x.shape()[1], channels = x.shape()[2];
  const Tensor bias = input_bias();
  const bool drops = pass.training && options_.dropout > 0;
  if (drops && gates_ > 1 && options_.recurrent_dropout > 0) {
    const Tensor ones = Tensor::ones({gates_, n, 1, channels}, x.options());
    const Tensor dropped =
        x.view({1, n, steps, channels}) * dropout(ones, options_.dropout, pass.generator());
    const Tensor y =
        matmul(dropped.view({gates_, n * steps, channels}), by_gate(kernel_, gates_, units_));
    const Tensor all = transpose(y.view({gates_, n, steps, units_}), {2, 0, 1, 3});
    return bias.defined() ? all + bias.view({gates_, 1, units_}) : all;
  }
  const Tensor mask = drops ? dropout(Tensor::ones({n, 1, channels}, x.options()), options_.dropout,
                                      pass.generator())
                            : Tensor();
  const Tensor y = dense(drops ? x * mask : x, kernel_, bias);
  return transpose(y.view({n, steps, gates_, units_}), {1, 2, 0, 3});
}

Recurrent::Recurrence Recurrent::recurrence(const Tensor& x, Pass& pass) const {
  Recurrence out{.kernel = by_gate(recurrent_kernel_, gates_, units_), .bias = recurrent_bias()};
  if (pass.training && options_.recurrent_dropout > 0)
    out.mask = dropout(Tensor::ones({gates_, x.shape()[0], units_}, x.options()),
                       options_.recurrent_dropout, pass.generator());
  return out;
}

Tensor Recurrent::Recurrence::product(const Tensor& h, int begin, int end) const {
  const bool all = begin == 0 && end == int(kernel.shape()[0]);
  const Tensor weight = all ? kernel : kernel.slice(begin, end);
  const Tensor y = matmul(mask.defined() ? h * mask.slice(begin, end) : h, weight);
  return bias.defined() ? y + (all ? bias : bias.slice(begin, end)) : y;
}

Tensors Recurrent::call(std::span<const Tensor> in, Pass& pass) const {
  check_built(*this, kernel_);
  MIEN_CHECK(in.size() == 1 || in.size() == 1 + std::size_t(states_), ValueError, kind(),
             ": takes 1 or ", 1 + states_, " inputs; got ", in.size());
  MIEN_CHECK(in[0].rank() == 3 && in[0].shape()[1] >= 1, ShapeError, kind(),
             ": input must be [N, T, C]; got ", in[0].shape());
  // Sums over many steps want more than bf16 has.
  const DType given = in[0].dtype();
  const auto computed = [given](const Tensor& t) {
    return given == DType::bf16 ? t.to(DType::f32) : t;
  };
  const Tensor x = computed(in[0]);
  const std::int64_t n = x.shape()[0], steps = x.shape()[1];
  Tensors state;
  for (int i = 0; i < states_; ++i)
    state.push_back(in.size() > 1 ? computed(in[std::size_t(i) + 1])
                                  : Tensor::zeros({n, units_}, x.options()));
  for (const Tensor& first : state)
    MIEN_CHECK(first.shape() == (Shape{n, units_}), ShapeError, kind(), ": a first state must be [",
               n, ", ", units_, "]; got ", first.shape());
  const Tensor products = input_product(x, pass);
  const Recurrence r = recurrence(x, pass);
  std::vector<Tensor> sequence;
  for (std::int64_t i = 0; i < steps; ++i) {
    const std::int64_t t = options_.go_backwards ? steps - 1 - i : i;
    state = step(products.slice(t, t + 1).view({gates_, n, units_}), state, r);
    if (options_.return_sequences) sequence.push_back(state[0]);
  }
  Tensors out = options_.return_sequences ? stack(sequence, 1) : state[0];
  if (options_.return_state)
    for (const Tensor& last : state) out.push_back(last);
  for (Tensor& each : out) each = each.to(given);
  return out;
}

Config Recurrent::config() const {
  return Config()
      .set("return_sequences", options_.return_sequences)
      .set("return_state", options_.return_state)
      .set("go_backwards", options_.go_backwards)
      .set("units", units_)
      .set("activation", std::string(name_of(options_.activation)))
      .set("use_bias", options_.use_bias)
      .set("kernel_initializer", initializer_value(options_.kernel_initializer))
      .set("recurrent_initializer", initializer_value(options_.recurrent_initializer))
      .set("bias_initializer", initializer_value(options_.bias_initializer))
      .set("kernel_regularizer", regularizer_value(options_.kernel_regularizer))
      .set("recurrent_regularizer", regularizer_value(options_.recurrent_regularizer))
      .set("bias_regularizer", regularizer_value(options_.bias_regularizer))
      .set("dropout", options_.dropout)
      .set("recurrent_dropout", options_.recurrent_dropout);
}

SimpleRNN::SimpleRNN(int units, SimpleRNNOptions options)
    : Recurrent(1, 1, units, std::move(options)) {}

Tensors SimpleRNN::step(const Tensor& x, const Tensors& state, const Recurrence& r) const {
  return activation(gate(x + r.product(state[0], 0, 1), 0), options().activation);
}

LSTM::LSTM(int units, LSTMOptions options)
    : Recurrent(4, 2, units, common(options)),
      recurrent_activation_(options.recurrent_activation),
      unit_forget_bias_(options.unit_forget_bias) {}

void LSTM::make_bias() {
  Recurrent::make_bias();
  if (!unit_forget_bias_) return;
  bias_.detach().slice(units(), 2 * units()).copy_from(Tensor::ones({units()}));
}

Tensors LSTM::step(const Tensor& x, const Tensors& state, const Recurrence& r) const {
  const Act act = options().activation;
  const Tensor all = x + r.product(state[0], 0, 4);
  const Tensor i_and_f = activation(all.slice(0, 2), recurrent_activation_);
  const Tensor c = gate(i_and_f, 1) * state[1] + gate(i_and_f, 0) * activation(gate(all, 2), act);
  return {activation(gate(all, 3), recurrent_activation_) * activation(c, act), c};
}

Config LSTM::config() const {
  return Recurrent::config()
      .set("recurrent_activation", Config::Value(std::string(name_of(recurrent_activation_))))
      .set("unit_forget_bias", unit_forget_bias_);
}

GRU::GRU(int units, GRUOptions options)
    : Recurrent(3, 1, units, common(options)),
      recurrent_activation_(options.recurrent_activation),
      reset_after_(options.reset_after) {}

void GRU::make_bias() {
  if (!reset_after_) return Recurrent::make_bias();
  bias_ = param("bias", {2, 3 * std::int64_t(units())}, options().bias_initializer,
                options().bias_regularizer);
}

Tensor GRU::input_bias() const {
  return reset_after_ && bias_.defined() ? bias_.slice(0, 1).view({3 * std::int64_t(units())})
                                         : bias_;
}

Tensor GRU::recurrent_bias() const {
  return reset_after_ && bias_.defined() ? bias_.slice(1, 2).view({3, 1, units()}) : Tensor();
}

Tensors GRU::step(const Tensor& x, const Tensors& state, const Recurrence& r) const {
  const Tensor& h = state[0];
  const Tensor inner = r.product(h, 0, reset_after_ ? 3 : 2);
  const Tensor z_and_r =
      activation(x.slice(0, 2) + (reset_after_ ? inner.slice(0, 2) : inner), recurrent_activation_);
  const Tensor z = gate(z_and_r, 0), reset = gate(z_and_r, 1);
  const Tensor recurrent =
      reset_after_ ? reset * gate(inner, 2) : gate(r.product(reset * h, 2, 3), 0);
  const Tensor candidate = activation(gate(x, 2) + recurrent, options().activation);
  return candidate + z * (h - candidate);
}

Config GRU::config() const {
  return Recurrent::config()
      .set("recurrent_activation", Config::Value(std::string(name_of(recurrent_activation_))))
      .set("reset_after", reset_after_);
}

}  // namespace mien::nn
