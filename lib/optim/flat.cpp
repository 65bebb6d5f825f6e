#include "lib/optim/flat.h"

#include <algorithm>

#include "lib/core/impl.h"
#include "mien/base/error.h"

namespace mien::optim {
namespace {

enum class Kind { decayed, plain, frozen };

Kind kind_of(const NamedTensor& parameter, const OptimizerOptions& options) {
  if (!parameter.value.needs_grad()) return Kind::frozen;
  if (options.weight_decay == 0) return Kind::plain;
  if (!options.decay_vectors && parameter.value.rank() <= 1) return Kind::plain;
  for (const std::string& part : options.exclude_from_weight_decay)
    if (parameter.name.find(part) != std::string::npos) return Kind::plain;
  return Kind::decayed;
}

void check_parameter(const NamedTensor& parameter) {
  const Tensor& value = parameter.value;
  MIEN_CHECK(value.defined(), ValueError, "model is not built; call model.build({48, 48, 1})");
  MIEN_CHECK(computes(value.dtype()), DTypeError, "bind: '", parameter.name,
             "' must be f32 or f64; got ", value.dtype());
  const AutogradMeta* meta = value.impl()->meta.get();
  MIEN_CHECK(!meta || !meta->node, ValueError, "bind: '", parameter.name,
             "' is the result of an op, not a parameter");
}

const FlatParameter* find(const std::vector<Flat>& flats, const Tensor& tensor,
                          const Flat** in = nullptr) {
  for (const Flat& flat : flats) {
    for (const FlatParameter& each : flat.parameters) {
      if (!each.tensor.is(tensor)) continue;
      if (in) *in = &flat;
      return &each;
    }
  }
  return nullptr;
}

void make_buffers(Flat& flat, std::span<const OptimizerSlot> slots, bool use_ema) {
  const TensorOptions kind{.dtype = flat.dtype, .device = flat.device};
  flat.weights = Tensor::zeros({flat.all}, kind);
  flat.gradients = Tensor::zeros({flat.trainable}, kind);
  for (const OptimizerSlot& slot : slots)
    flat.slots.push_back(Tensor::full({flat.trainable}, slot.initial, kind));
  if (use_ema) flat.average = Tensor::zeros({flat.trainable}, kind);
}

// What was kept of a parameter comes along.
void carry_over(const std::vector<Flat>& old, Flat& flat, const FlatParameter& parameter) {
  if (!parameter.trainable) return;
  const Flat* before = nullptr;
  const FlatParameter* was = find(old, parameter.tensor, &before);
  const bool kept = was && was->trainable;
  for (std::size_t s = 0; kept && s < flat.slots.size(); ++s)
    Flat::part(flat.slots[s], parameter).copy_from(Flat::part(before->slots[s], *was));
  if (flat.average.defined())
    Flat::part(flat.average, parameter)
        .copy_from(kept ? Flat::part(before->average, *was) : parameter.tensor);
}

void settle(Flat& flat, const FlatParameter& parameter,
            const std::shared_ptr<std::uint64_t>& epoch) {
  const Tensor gradient = parameter.tensor.grad();  // undefined where it is not valid
  const std::size_t offset = std::size_t(parameter.offset) * size_of(flat.dtype);
  Tensor slot = parameter.trainable ? Flat::part(flat.gradients, parameter) : Tensor();
  rebind_leaf(parameter.tensor, flat.weights.impl()->storage, offset, slot, epoch);
  if (!parameter.trainable || !gradient.defined()) return;
  slot.copy_from(gradient);
  parameter.tensor.impl()->meta->written = *epoch;
}

}  // namespace

Tensor Flat::part(const Tensor& buffer, const FlatParameter& parameter) {
  return buffer.slice(parameter.offset, parameter.offset + parameter.numel())
      .view(parameter.tensor.shape());
}

bool Flat::holds(const FlatParameter& parameter) const {
  const TensorImpl& impl = *parameter.tensor.impl();
  return impl.storage == weights.impl()->storage &&
         impl.offset == std::size_t(parameter.offset) * size_of(dtype);
}

std::vector<Flat> lay_out(std::span<const NamedTensor> parameters,
                          const OptimizerOptions& options) {
  MIEN_CHECK(!parameters.empty(), ValueError, "model is not built; call model.build({48, 48, 1})");
  for (const NamedTensor& each : parameters) check_parameter(each);
  std::vector<Flat> flats;
  for (const Kind kind : {Kind::decayed, Kind::plain, Kind::frozen}) {
    for (const NamedTensor& each : parameters) {
      if (kind_of(each, options) != kind || find(flats, each.value)) continue;  // shared: once
      const auto fits = [&](const Flat& flat) {
        return flat.dtype == each.value.dtype() && flat.device == each.value.device();
      };
      auto flat = std::find_if(flats.begin(), flats.end(), fits);
      if (flat == flats.end()) {
        flats.push_back({.dtype = each.value.dtype(), .device = each.value.device()});
        flat = flats.end() - 1;
      }
      flat->parameters.push_back({.name = each.name,
                                  .tensor = each.value,
                                  .offset = flat->all,
                                  .trainable = kind != Kind::frozen});
      const std::int64_t line = std::int64_t(64 / size_of(flat->dtype));
      flat->all += (each.value.numel() + line - 1) / line * line;
      if (kind != Kind::frozen) flat->trainable = flat->all;
      if (kind == Kind::decayed) flat->decayed = flat->all;
    }
  }
  return flats;
}

bool same_places(const std::vector<Flat>& bound, const std::vector<Flat>& wanted) {
  const auto same = [](const Flat& a, const Flat& b) {
    return a.decayed == b.decayed && a.trainable == b.trainable && a.all == b.all &&
           std::equal(a.parameters.begin(), a.parameters.end(), b.parameters.begin(),
                      b.parameters.end(), [&](const FlatParameter& x, const FlatParameter& y) {
                        return x.tensor.is(y.tensor) && x.offset == y.offset && a.holds(x);
                      });
  };
  return std::equal(bound.begin(), bound.end(), wanted.begin(), wanted.end(), same);
}

void move_in(std::vector<Flat>& old, std::vector<Flat>& next, std::span<const OptimizerSlot> slots,
             bool use_ema, const std::shared_ptr<std::uint64_t>& epoch) {
  for (Flat& flat : next) {
    make_buffers(flat, slots, use_ema);
    for (const FlatParameter& each : flat.parameters) {
      carry_over(old, flat, each);
      settle(flat, each, epoch);
    }
  }
  for (Flat& flat : old) {
    for (const FlatParameter& each : flat.parameters)
      if (flat.holds(each))
        rebind_leaf(each.tensor, make_storage(flat.device, each.tensor.bytes()), 0, Tensor(),
                    std::make_shared<std::uint64_t>(1));
    flat.weights.impl()->storage->moved.store(true, std::memory_order_relaxed);
  }
}

}  // namespace mien::optim
