#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "mien/nn/activation_layers.h"
#include "mien/nn/module.h"
#include "mien/nn/recurrent.h"

// Layers around other layers.
//
// ```cpp
// nn::Sequential model{nn::TimeDistributed(nn::Dense(8)),  // the same Dense at every step
//                      nn::Bidirectional(nn::LSTM(16))};   // 32 features: there and back
// model.build({10, 4});
// ```

namespace mien::nn {

/// A layer at every step of a sequence: [N, T, ..] -> [N, T, ..]. Keras's TimeDistributed. Steps
/// are computed together as N T samples; in training a layer with moving statistics sees them one
/// after the other, as in Keras 3.
class TimeDistributed : public Layer {
 public:
  template <std::derived_from<Module> M>
  explicit TimeDistributed(M layer, LayerOptions options = {})
      : TimeDistributed(std::unique_ptr<Module>(std::make_unique<M>(std::move(layer))),
                        std::move(options)) {}
  /// The same for a layer on the heap, such as another TimeDistributed.
  explicit TimeDistributed(std::unique_ptr<Module> layer, LayerOptions options = {});

  using Layer::build;
  /// Throws ShapeError where a sample is of fewer than two axes, ValueError where the layer has
  /// several outputs.
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "TimeDistributed"; }
  Config config() const override;

  /// The layer inside.
  Module& layer() const { return child_at(0); }
};

/// What Bidirectional makes of its two layers' outputs.
enum class MergeMode : std::uint8_t {
  concat,  // along the features
  sum,
  mul,
  ave,
  none  // two outputs
};

/// Options of Bidirectional.
struct BidirectionalOptions {
  MergeMode merge_mode = MergeMode::concat;
  std::string name{};
};

/// A recurrent layer from the first step to the last, and one of its kind from the last to the
/// first, with weights of its own. Keras's Bidirectional. Inputs: x [N, T, C], and the two first
/// states where they are not 0. Outputs: the merged one (of none: two), then with return_state the
/// layers' states. The layers inside are named "forward_lstm", "backward_lstm".
class Bidirectional : public Module {
 public:
  /// The one that goes back has the same options. Throws ValueError where layer goes backwards.
  template <std::derived_from<Recurrent> M>
  explicit Bidirectional(M layer, BidirectionalOptions options = {})
      : Bidirectional(std::make_unique<M>(std::move(layer)), nullptr, std::move(options)) {}
  /// With another layer that goes back. Throws ValueError unless one of them has go_backwards and
  /// return_sequences and return_state are the same in both.
  template <std::derived_from<Recurrent> M, std::derived_from<Recurrent> B>
  Bidirectional(M layer, B backward_layer, BidirectionalOptions options = {})
      : Bidirectional(std::make_unique<M>(std::move(layer)),
                      std::make_unique<B>(std::move(backward_layer)), std::move(options)) {}
  /// The same for layers on the heap; nullptr for the second: as the first.
  Bidirectional(std::unique_ptr<Recurrent> layer, std::unique_ptr<Recurrent> backward_layer,
                BidirectionalOptions options = {});

  Shapes build(std::span<const Shape> in) override;
  Tensors call(std::span<const Tensor> in, Pass& pass) const override;
  std::string_view kind() const override { return "Bidirectional"; }
  Config config() const override;

  /// The layers inside.
  Recurrent& forward_layer() const { return static_cast<Recurrent&>(child_at(0)); }
  Recurrent& backward_layer() const { return static_cast<Recurrent&>(child_at(1)); }

 private:
  MergeMode merge_mode_;
};

}  // namespace mien::nn
