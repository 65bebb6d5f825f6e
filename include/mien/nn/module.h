#pragma once

#include <concepts>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mien/nn/config.h"
#include "mien/nn/initializers.h"
#include "mien/random.h"
#include "mien/state.h"
#include "mien/tensor.h"

namespace mien::nn {

/// What a forward pass is told: whether it trains, and where its random numbers come from (in the
/// order of the calls).
struct Pass {
  bool training = false;
  Generator* random = nullptr;  // default_generator() where unset
  /// f32: as the inputs and weights are. bf16: what layers hand to each other is kept in half the
  /// bytes, while weights, statistics, their gradients and softmax stay f32; on a CUDA device only.
  DType activations = DType::f32;
  /// The one to draw from.
  Generator& generator() { return random ? *random : default_generator(); }
  /// A network's input as its layers take it: f32 in bf16 where activations are that.
  Tensor entering(const Tensor& input) const {
    return activations == DType::bf16 && input.dtype() == DType::f32 ? input.to(activations)
                                                                     : input;
  }
};

/// A penalty on a weight: l1 * sum |w| + l2 * sum w^2, as in Keras (no one half). Part of the
/// reported loss.
struct Regularizer {
  double l1 = 0.0;
  double l2 = 0.0;
  /// Whether there is any penalty.
  bool active() const { return l1 != 0.0 || l2 != 0.0; }
};

/// Anything with parameters: layers and networks. Move-only. What a forward pass needs is passed
/// in; nothing in a module changes by it but BatchNormalization's moving statistics. One thread at
/// a time trains or predicts with a module.
class Module {
 public:
  Module();
  Module(Module&&) noexcept;
  Module& operator=(Module&&) noexcept;
  virtual ~Module();

  /// The outputs for these inputs, with the batch as their first axis.
  virtual Tensors call(std::span<const Tensor> in, Pass& pass) const = 0;
  /// Makes what is missing for inputs of these shapes (without batch), checks what is there,
  /// returns the shapes of the outputs (without batch). Throws ShapeError where they do not fit.
  /// Repeated calls change nothing.
  virtual Shapes build(std::span<const Shape> in) = 0;

  /// Keras's class name, such as "Conv2D"; empty for a module that cannot be saved.
  virtual std::string_view kind() const { return ""; }
  /// How it was made, under Keras's names; needed only to be saved.
  virtual Config config() const { return {}; }

  /// The name in its container, such as "conv2d_1"; may be given in a layer's options.
  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }

  /// Weights that training changes, frozen ones included, by path ("conv2d/kernel"), in the order
  /// of building.
  std::vector<NamedTensor> parameters() const;
  /// Tensors that are saved but not trained, such as moving statistics.
  std::vector<NamedTensor> buffers() const;
  /// Parameters with a penalty.
  struct Penalty {
    Tensor weight{};
    Regularizer regularizer{};
  };
  /// Of this module and all inside, in the order of building.
  std::vector<Penalty> penalties() const;

  /// Frozen: the parameters get no gradient, and BatchNormalization runs in inference mode, as in
  /// Keras. With all modules inside. Before or after build().
  Module& freeze(bool frozen = true);
  /// What freeze() set last, false at first.
  bool frozen() const { return frozen_; }

  /// Whether Sequential and Graph compute layers together where that saves passes over memory (true
  /// at first). Results differ by rounding alone. With all modules inside.
  Module& fuse(bool fused = true);
  /// What fuse() set last.
  bool fused() const { return fused_; }

  /// Converts all parameters and buffers in place to f32 or f64, before an optimizer is bound to
  /// them. Throws DTypeError for another type.
  Module& to(DType dtype);

  /// Parameters and buffers by path. load() checks names and shapes of all before it changes any;
  /// throws ValueError or ShapeError naming the first that does not fit.
  void save(State& state) const;
  void load(const State& state);

  /// Modules inside, in the order of their making.
  std::size_t children() const { return children_.size(); }
  Module& child_at(std::size_t i) const { return *children_[i]; }
  /// This module's own weights and buffers, without those of the modules inside; names without
  /// path.
  const std::vector<NamedTensor>& own_parameters() const { return parameters_; }
  const std::vector<NamedTensor>& own_buffers() const { return buffers_; }

 protected:
  /// Makes a trainable weight: a handle, kept by value in the layer.
  Tensor param(std::string name, const Shape& shape, const Initializer& initializer,
               Regularizer regularizer = {});
  /// Makes a tensor that is saved but not trained, filled with value.
  Tensor buffer(std::string name, const Shape& shape, double value);
  /// Takes a module in; the reference stays good when this one is moved. An empty name: Keras's,
  /// unique in this module (the module's own where given in its options). Throws ValueError for a
  /// name given twice.
  template <std::derived_from<Module> M>
  M& child(std::string name, M module) {
    auto owned = std::make_unique<M>(std::move(module));
    M& reference = *owned;
    adopt(std::move(name), std::move(owned));
    return reference;
  }
  /// The same for a module that lies on the heap already.
  void adopt(std::string name, std::unique_ptr<Module> module);

 private:
  void collect(const std::string& path, std::vector<NamedTensor>& parameters,
               std::vector<NamedTensor>& buffers, std::vector<Penalty>& penalties) const;

  std::string name_;
  bool frozen_ = false;
  bool fused_ = true;
  std::vector<NamedTensor> parameters_, buffers_;
  std::vector<Penalty> penalties_;
  std::vector<std::unique_ptr<Module>> children_;
};

/// One tensor in, one tensor out: what most layers are and what users write.
/// ```cpp
/// class Scale : public nn::Layer {
///  public:
///   using nn::Layer::build;
///   Shape build(const Shape& in) override {
///     if (!gamma_.defined()) gamma_ = param("gamma", {in[-1]}, nn::ones());
///     return in;
///   }
///   Tensor forward(const Tensor& x, nn::Pass&) const override { return x * gamma_; }
///
///  private:
///   Tensor gamma_;
/// };
/// ```
class Layer : public Module {
 public:
  /// The output for x, both with the batch as first axis.
  virtual Tensor forward(const Tensor& x, Pass& pass) const = 0;
  /// As Module::build(); a layer without weights gives the shape that comes in. A class that
  /// overrides it says `using nn::Layer::build;` to keep the other one in sight.
  virtual Shape build(const Shape& in) { return in; }

  /// forward(), in training or not.
  Tensor operator()(const Tensor& x, Pass& pass) const { return forward(x, pass); }
  /// Inference. Recorded like everything else, unless a NoGradGuard lives.
  Tensor operator()(const Tensor& x) const;

  Tensors call(std::span<const Tensor> in, Pass& pass) const override;
  Shapes build(std::span<const Shape> in) override;
};

}  // namespace mien::nn
