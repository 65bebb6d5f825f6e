#pragma once

#include <string>

#include "mien/nn/conv.h"
#include "mien/nn/module.h"

// Poolings of sequences, [N, L, C].

namespace mien::nn {

/// Options of the poolings of sequences.
struct Pooling1DOptions {
  int strides = 0;  // 0: the pool size
  Padding padding = valid;
  std::string name{};
};

/// Largest value of each window: [N, L, C] -> [N, OL, C]. Keras's MaxPooling1D. Throws as
/// MaxPooling2D.
/// ```cpp
/// nn::MaxPooling1D halves, overlapping(3, {.strides = 2, .padding = nn::same});
/// ```
class MaxPooling1D : public Layer {
 public:
  explicit MaxPooling1D(int pool_size = 2, Pooling1DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "MaxPooling1D"; }
  Config config() const override;

 private:
  int size_;
  Pooling1DOptions options_;
};

/// Mean of each window, padding left out: [N, L, C] -> [N, OL, C]. Keras's AveragePooling1D. Throws
/// as MaxPooling2D.
class AveragePooling1D : public Layer {
 public:
  explicit AveragePooling1D(int pool_size = 2, Pooling1DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "AveragePooling1D"; }
  Config config() const override;

 private:
  int size_;
  Pooling1DOptions options_;
};

/// Options of the global poolings of sequences.
struct GlobalPooling1DOptions {
  bool keepdims = false;  // [N, 1, C] instead of [N, C]
  std::string name{};
};

/// Mean of each channel over the sequence: [N, L, C] -> [N, C]. Keras's GlobalAveragePooling1D.
/// Throws ShapeError where x is no sequence.
class GlobalAveragePooling1D : public Layer {
 public:
  explicit GlobalAveragePooling1D(GlobalPooling1DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "GlobalAveragePooling1D"; }
  Config config() const override;

 private:
  GlobalPooling1DOptions options_;
};

/// Largest value of each channel over the sequence: [N, L, C] -> [N, C]. Keras's
/// GlobalMaxPooling1D. Throws ShapeError where x is no sequence.
class GlobalMaxPooling1D : public Layer {
 public:
  explicit GlobalMaxPooling1D(GlobalPooling1DOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "GlobalMaxPooling1D"; }
  Config config() const override;

 private:
  GlobalPooling1DOptions options_;
};

}  // namespace mien::nn
