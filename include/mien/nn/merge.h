#pragma once

#include "mien/nn/activation_layers.h"
#include "mien/nn/module.h"

namespace mien::nn {

/// Sum of two or more inputs of shapes that broadcast. For nn::Graph. Keras's Add.
class Add : public Module {
 public:
  explicit Add(LayerOptions options = {});
  Shapes build(std::span<const Shape> in) override;
  Tensors call(std::span<const Tensor> in, Pass& pass) const override;
  std::string_view kind() const override { return "Add"; }
  Config config() const override;
};

/// Two or more inputs one after the other along an axis; positive ones count the batch. For
/// nn::Graph. Keras's Concatenate. Throws ShapeError where the other axes differ.
class Concatenate : public Module {
 public:
  explicit Concatenate(int axis = -1, LayerOptions options = {});
  Shapes build(std::span<const Shape> in) override;
  Tensors call(std::span<const Tensor> in, Pass& pass) const override;
  std::string_view kind() const override { return "Concatenate"; }
  Config config() const override;

 private:
  int axis_;
};

}  // namespace mien::nn
