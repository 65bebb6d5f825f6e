#pragma once

#include <string>

#include "mien/base/act.h"
#include "mien/nn/module.h"

// Layers that go through a sequence step by step: samples [T, C], T steps of C features.
//
// ```cpp
// nn::LSTM lstm(16, {.return_sequences = true});
// const Shapes out = lstm.build(Shapes{{10, 8}});  // [10, 16]
// nn::Sequential model{nn::GRU(16, {.dropout = 0.2}), nn::Dense(3)};
// ```

namespace mien::nn {

/// Options of SimpleRNN; the names and defaults are Keras's.
struct SimpleRNNOptions {
  Act activation = Act::tanh;
  bool use_bias = true;
  Initializer kernel_initializer = glorot_uniform();
  Initializer recurrent_initializer = orthogonal();
  Initializer bias_initializer = zeros();
  Regularizer kernel_regularizer{};
  Regularizer recurrent_regularizer{};
  Regularizer bias_regularizer{};
  double dropout = 0.0;            // of the features of the input, the same at all steps
  double recurrent_dropout = 0.0;  // of the state as a step reads it, the same at all steps
  bool return_sequences = false;   // all steps [N, T, units], not the last one alone [N, units]
  bool return_state = false;       // the last state as further outputs, [N, units] each
  bool go_backwards = false;       // from the last step to the first; outputs in that order
  std::string name{};
};

/// What the recurrent layers share. Inputs: x [N, T, C], and the first state where it is not 0: one
/// tensor [N, units] (LSTM: two, h and c). Outputs: as return_sequences and return_state say.
/// Weights: kernel [C, gates units], recurrent_kernel [units, gates units], bias. With
/// recurrent_dropout every gate has masks of its own, as in Keras. Throws ValueError for units < 1,
/// a dropout outside of [0, 1), and another number of inputs; ShapeError where one does not fit.
class Recurrent : public Module {
 public:
  Shapes build(std::span<const Shape> in) override;
  Tensors call(std::span<const Tensor> in, Pass& pass) const override;
  Config config() const override;

  /// Units, and how many tensors the state has: h, for LSTM h and c.
  int units() const { return units_; }
  int states() const { return states_; }
  /// As the options say.
  bool return_sequences() const { return options_.return_sequences; }
  bool return_state() const { return options_.return_state; }
  bool go_backwards() const { return options_.go_backwards; }

 protected:
  /// What a step reads besides its input and state.
  struct Recurrence {
    Tensor kernel{};  // [gates, units, units]
    Tensor bias{};    // of the recurrent product, [gates, 1, units]; mostly undefined
    Tensor mask{};    // of recurrent_dropout, [gates, N, units]; undefined without
    /// The state times the kernels of gates [begin, end): [end - begin, N, units].
    Tensor product(const Tensor& h, int begin, int end) const;
  };
  Recurrent(int gates, int states, int units, SimpleRNNOptions options);
  /// The next state from the input's product x [gates, N, units]; h is the step's output.
  virtual Tensors step(const Tensor& x, const Tensors& state, const Recurrence& r) const = 0;
  /// Makes the bias; GRU and LSTM have their own.
  virtual void make_bias();
  /// The bias of the input's product [gates units], and of the recurrent one.
  virtual Tensor input_bias() const { return bias_; }
  virtual Tensor recurrent_bias() const { return {}; }
  const SimpleRNNOptions& options() const { return options_; }
  int gates() const { return gates_; }

  Tensor bias_;

 private:
  Tensor input_product(const Tensor& x, Pass& pass) const;
  Recurrence recurrence(const Tensor& x, Pass& pass) const;
  int gates_, states_, units_;
  SimpleRNNOptions options_;
  Tensor kernel_, recurrent_kernel_;
};

/// h = activation(x kernel + h recurrent_kernel + bias). Keras's SimpleRNN.
class SimpleRNN : public Recurrent {
 public:
  explicit SimpleRNN(int units, SimpleRNNOptions options = {});
  std::string_view kind() const override { return "SimpleRNN"; }

 protected:
  Tensors step(const Tensor& x, const Tensors& state, const Recurrence& r) const override;
};

/// Options of LSTM, as SimpleRNN's.
struct LSTMOptions {
  Act activation = Act::tanh;
  Act recurrent_activation = Act::sigmoid;
  bool use_bias = true;
  Initializer kernel_initializer = glorot_uniform();
  Initializer recurrent_initializer = orthogonal();
  Initializer bias_initializer = zeros();
  bool unit_forget_bias = true;  // the forget gate's bias starts at 1 (Jozefowicz et al., 2015)
  Regularizer kernel_regularizer{};
  Regularizer recurrent_regularizer{};
  Regularizer bias_regularizer{};
  double dropout = 0.0;
  double recurrent_dropout = 0.0;
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  std::string name{};
};

/// Long short-term memory (Hochreiter and Schmidhuber, 1997), gates i, f, c, o: c = f c + i
/// activation(..), h = o activation(c). Keras's LSTM.
class LSTM : public Recurrent {
 public:
  explicit LSTM(int units, LSTMOptions options = {});
  std::string_view kind() const override { return "LSTM"; }
  Config config() const override;

 protected:
  Tensors step(const Tensor& x, const Tensors& state, const Recurrence& r) const override;
  void make_bias() override;

 private:
  Act recurrent_activation_;
  bool unit_forget_bias_;
};

/// Options of GRU, as SimpleRNN's.
struct GRUOptions {
  Act activation = Act::tanh;
  Act recurrent_activation = Act::sigmoid;
  bool use_bias = true;
  Initializer kernel_initializer = glorot_uniform();
  Initializer recurrent_initializer = orthogonal();
  Initializer bias_initializer = zeros();
  Regularizer kernel_regularizer{};
  Regularizer recurrent_regularizer{};
  Regularizer bias_regularizer{};
  double dropout = 0.0;
  double recurrent_dropout = 0.0;
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  bool reset_after = true;  // the reset gate acts on the product, not on the state before it
  std::string name{};
};

/// Gated recurrent unit (Cho et al., 2014), gates z, r, h: h = z h + (1 - z) activation(..).
/// Keras's GRU. The bias is [2, 3 units] with reset_after (input's, recurrent), else [3 units].
class GRU : public Recurrent {
 public:
  explicit GRU(int units, GRUOptions options = {});
  std::string_view kind() const override { return "GRU"; }
  Config config() const override;

 protected:
  Tensors step(const Tensor& x, const Tensors& state, const Recurrence& r) const override;
  void make_bias() override;
  Tensor input_bias() const override;
  Tensor recurrent_bias() const override;

 private:
  Act recurrent_activation_;
  bool reset_after_;
};

}  // namespace mien::nn
