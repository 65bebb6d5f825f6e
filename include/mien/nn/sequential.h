#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mien/nn/fusion.h"
#include "mien/nn/module.h"

namespace mien::nn {

/// Layers one after the other.
/// ```cpp
/// nn::Sequential model{nn::Flatten(), nn::Dense(7, {.activation = Act::softmax})};
/// model.build({48, 48, 1});
/// Tensor p = model(Tensor::ones({2, 48, 48, 1}));  // [2, 7]
/// ```
class Sequential : public Layer {
 public:
  Sequential() = default;
  /// Layers by value: an existing one is given with std::move.
  template <std::derived_from<Module>... Ms>
  requires(sizeof...(Ms) > 0) explicit Sequential(Ms... layers) { (add(std::move(layers)), ...); }
  /// Appends a layer, which gets its name here. Throws ValueError where the model is built or the
  /// layer's name is taken.
  template <std::derived_from<Module> M>
  Sequential& add(M layer) {
    return add(std::unique_ptr<Module>(std::make_unique<M>(std::move(layer))));
  }
  Sequential& add(std::unique_ptr<Module> layer);

  /// Shape without batch. Throws ShapeError naming the layer where it does not fit, ValueError
  /// where the model was built for another shape.
  Shape build(const Shape& in) override;
  using Layer::build;
  /// Throws ValueError where the model is not built, ShapeError where x does not fit it.
  Tensor forward(const Tensor& x, Pass& pass) const override;

  /// Number of layers, and the layers in their order.
  std::size_t size() const { return children(); }
  Module& layer(std::size_t i) const { return child_at(i); }
  /// By name. Throws ValueError where there is none.
  Module& layer(std::string_view name) const;

  /// Whether build() was called.
  bool built() const { return input_.has_value(); }
  /// Shape without batch. Throws ValueError where the model is not built.
  const Shape& input_shape() const;
  /// Of each layer, without batch.
  const std::vector<Shape>& output_shapes() const { return outputs_; }

  /// Whether a layer's result is never made, since it is computed together with the next layer.
  bool passes_through(std::size_t layer) const;

  std::string_view kind() const override { return "Sequential"; }
  Config config() const override;

  /// What belongs to the model besides its weights and is saved with it: "class_names",
  /// "color_mode", "rescale" ...
  Config& metadata() { return metadata_; }
  const Config& metadata() const { return metadata_; }

 private:
  std::optional<Shape> input_;
  std::vector<Shape> outputs_;
  std::vector<FusedLayers> fused_from_;  // by the first layer
  Config metadata_;
};

}  // namespace mien::nn
