#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mien/optim/optimizer.h"
#include "mien/tensor.h"

namespace mien::optim {

/// A parameter and its elements [offset, offset + numel) in the flat buffers. Offsets are multiples
/// of 64 bytes.
struct FlatParameter {
  std::string name{};
  Tensor tensor{};
  std::int64_t offset = 0;
  bool trainable = false;
  std::int64_t numel() const { return tensor.numel(); }
};

/// The parameters of one dtype and device: first those that decay, then those that do not, frozen
/// ones last. What lies between two parameters is zero for ever in the gradients, so norms may run
/// over it.
struct Flat {
  DType dtype = DType::f32;
  Device device{};
  std::vector<FlatParameter> parameters{};
  std::int64_t decayed = 0, trainable = 0, all = 0;  // elements up to the end of each kind
  Tensor weights{};                                  // [all]
  Tensor gradients{}, average{};                     // [trainable]; average only with use_ema
  std::vector<Tensor> slots{};                       // [trainable] each

  /// The part of a flat buffer that belongs to a parameter, in its shape.
  static Tensor part(const Tensor& buffer, const FlatParameter& parameter);
  /// Whether a parameter's bytes are still here.
  bool holds(const FlatParameter& parameter) const;
};

/// Places for all parameters; buffers are not made yet. Throws ValueError or DTypeError where a
/// tensor cannot be a parameter.
std::vector<Flat> lay_out(std::span<const NamedTensor> parameters, const OptimizerOptions& options);

/// Whether both have the same parameters at the same places, and `bound` still holds them.
bool same_places(const std::vector<Flat>& bound, const std::vector<Flat>& wanted);

/// Makes the buffers of `next` and moves the parameters into them, with gradients that are valid,
/// and slots and averages of parameters that `old` had. Those of `old` that are not in `next` get
/// bytes of their own.
void move_in(std::vector<Flat>& old, std::vector<Flat>& next, std::span<const OptimizerSlot> slots,
             bool use_ema, const std::shared_ptr<std::uint64_t>& epoch);

}  // namespace mien::optim
