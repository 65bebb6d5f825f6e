#pragma once

#include <array>

#include "mien/nn/activation_layers.h"
#include "mien/nn/module.h"

// Layers of several inputs, for nn::Graph.
//
// ```cpp
// nn::Multiply scale;  // an image by one factor a channel, as squeeze-and-excitation does
// const Shapes out = scale.build(Shapes{{7, 7, 64}, {64}});  // [7, 7, 64]
// ```

namespace mien::nn {

/// What the merges element by element share. Shapes of samples broadcast by NumPy's rule: an input
/// of fewer axes gets ones after its batch, as in Keras. Throws ValueError without an input,
/// ShapeError where the shapes do not broadcast.
class Merge : public Module {
 public:
  Shapes build(std::span<const Shape> in) override;
  Tensors call(std::span<const Tensor> in, Pass& pass) const override;
  Config config() const override { return {}; }

 protected:
  explicit Merge(LayerOptions options);
  /// The result so far and the next input.
  virtual Tensor merged(const Tensor& so_far, const Tensor& next) const = 0;
  /// What is made of the last result.
  virtual Tensor finished(const Tensor& all, std::size_t /*inputs*/) const { return all; }
};

/// Sum. Keras's Add.
class Add : public Merge {
 public:
  explicit Add(LayerOptions options = {});
  std::string_view kind() const override { return "Add"; }

 protected:
  Tensor merged(const Tensor& so_far, const Tensor& next) const override;
};

/// The first less the second: two inputs. Keras's Subtract.
class Subtract : public Merge {
 public:
  explicit Subtract(LayerOptions options = {});
  Shapes build(std::span<const Shape> in) override;
  std::string_view kind() const override { return "Subtract"; }

 protected:
  Tensor merged(const Tensor& so_far, const Tensor& next) const override;
};

/// Product element by element. Keras's Multiply.
class Multiply : public Merge {
 public:
  explicit Multiply(LayerOptions options = {});
  std::string_view kind() const override { return "Multiply"; }

 protected:
  Tensor merged(const Tensor& so_far, const Tensor& next) const override;
};

/// Sum divided by the number of inputs. Keras's Average.
class Average : public Merge {
 public:
  explicit Average(LayerOptions options = {});
  std::string_view kind() const override { return "Average"; }

 protected:
  Tensor merged(const Tensor& so_far, const Tensor& next) const override;
  Tensor finished(const Tensor& all, std::size_t inputs) const override;
};

/// The largest element. Keras's Maximum; equal ones share the gradient half and half, while
/// TensorFlow gives all of it to the first.
class Maximum : public Merge {
 public:
  explicit Maximum(LayerOptions options = {});
  std::string_view kind() const override { return "Maximum"; }

 protected:
  Tensor merged(const Tensor& so_far, const Tensor& next) const override;
};

/// The smallest element. Keras's Minimum; gradients as Maximum's.
class Minimum : public Merge {
 public:
  explicit Minimum(LayerOptions options = {});
  std::string_view kind() const override { return "Minimum"; }

 protected:
  Tensor merged(const Tensor& so_far, const Tensor& next) const override;
};

/// Options of Dot.
struct DotOptions {
  bool normalize = false;  // both inputs to length 1 along their axes: the cosine between them
  std::string name{};
};

/// Sums of products along one axis of each of two inputs; positive axes count the batch. The other
/// axes of the first, then those of the second: axes {1, 2} of [N, 3, 5] and [N, 10, 3] give [N, 5,
/// 10]; two vectors give [N, 1]. Keras's Dot. Throws ValueError for axis 0, ShapeError where the
/// two sizes differ.
class Dot : public Module {
 public:
  explicit Dot(std::array<int, 2> axes, DotOptions options = {});
  /// The same axis of both.
  explicit Dot(int axis, DotOptions options = {});
  Shapes build(std::span<const Shape> in) override;
  Tensors call(std::span<const Tensor> in, Pass& pass) const override;
  std::string_view kind() const override { return "Dot"; }
  Config config() const override;

 private:
  Shape sample_shape(const Shape& a, const Shape& b) const;
  std::array<int, 2> axes_;
  DotOptions options_;
};

/// The inputs one after the other along an axis; positive ones count the batch. Keras's
/// Concatenate. Throws ValueError without an input, ShapeError where the other axes differ.
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
