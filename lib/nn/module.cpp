#include "mien/nn/module.h"

#include <algorithm>

#include "lib/core/impl.h"
#include "lib/nn/naming.h"
#include "mien/base/error.h"

namespace mien::nn {

Module::Module() = default;
Module::Module(Module&&) noexcept = default;
Module& Module::operator=(Module&&) noexcept = default;
Module::~Module() = default;

Tensor Module::param(std::string name, const Shape& shape, const Initializer& initializer,
                     Regularizer regularizer) {
  Tensor weight = initializer(shape, default_generator());
  if (!frozen_) weight.requires_grad();
  parameters_.push_back({std::move(name), weight});
  if (regularizer.active()) penalties_.push_back({weight, regularizer});
  return weight;
}

Tensor Module::buffer(std::string name, const Shape& shape, double value) {
  buffers_.push_back({std::move(name), Tensor::full(shape, value)});
  return buffers_.back().value;
}

void Module::adopt(std::string name, std::unique_ptr<Module> module) {
  if (!name.empty()) module->set_name(std::move(name));
  const auto taken = [this](std::string_view wanted) {
    return std::any_of(children_.begin(), children_.end(),
                       [&](const auto& each) { return each->name() == wanted; });
  };
  if (module->name().empty()) {
    module->set_name(unique_name(snake_case(module->kind()), taken));
  } else {
    MIEN_CHECK(!taken(module->name()), ValueError, "layer name '", module->name(),
               "' is given twice in one model");
  }
  if (frozen_) module->freeze();
  if (!fused_) module->fuse(false);
  children_.push_back(std::move(module));
}

void Module::collect(const std::string& path, std::vector<NamedTensor>& parameters,
                     std::vector<NamedTensor>& buffers, std::vector<Penalty>& penalties) const {
  for (const NamedTensor& each : parameters_) parameters.push_back({path + each.name, each.value});
  for (const NamedTensor& each : buffers_) buffers.push_back({path + each.name, each.value});
  penalties.insert(penalties.end(), penalties_.begin(), penalties_.end());
  for (const auto& each : children_)
    each->collect(path + each->name() + "/", parameters, buffers, penalties);
}

std::vector<NamedTensor> Module::parameters() const {
  std::vector<NamedTensor> parameters, buffers;
  std::vector<Penalty> penalties;
  collect("", parameters, buffers, penalties);
  return parameters;
}

std::vector<NamedTensor> Module::buffers() const {
  std::vector<NamedTensor> parameters, buffers;
  std::vector<Penalty> penalties;
  collect("", parameters, buffers, penalties);
  return buffers;
}

std::vector<Module::Penalty> Module::penalties() const {
  std::vector<NamedTensor> parameters, buffers;
  std::vector<Penalty> penalties;
  collect("", parameters, buffers, penalties);
  return penalties;
}

Module& Module::freeze(bool frozen) {
  frozen_ = frozen;
  for (NamedTensor& each : parameters_) each.value.requires_grad(!frozen);
  for (const auto& each : children_) each->freeze(frozen);
  return *this;
}

Module& Module::fuse(bool fused) {
  fused_ = fused;
  for (const auto& each : children_) each->fuse(fused);
  return *this;
}

Module& Module::to(DType dtype) {
  MIEN_CHECK(computes(dtype), DTypeError, "to: weights must be f32 or f64; got ", dtype);
  for (const NamedTensor& each : parameters()) convert_in_place(each.value, dtype);
  for (const NamedTensor& each : buffers()) convert_in_place(each.value, dtype);
  return *this;
}

void Module::save(State& state) const {
  // Copies: the state may outlive the next step.
  for (const NamedTensor& each : parameters()) state.set(each.name, each.value.clone().detach());
  for (const NamedTensor& each : buffers()) state.set(each.name, each.value.clone().detach());
}

void Module::load(const State& state) {
  std::vector<NamedTensor> all = parameters();
  for (NamedTensor& each : buffers()) all.push_back(each);
  for (const NamedTensor& each : all) {
    MIEN_CHECK(state.has(each.name), ValueError, "load: no weight '", each.name, "'");
    const Tensor& saved = state.get_tensor(each.name);
    MIEN_CHECK(saved.shape() == each.value.shape(), ShapeError, "load: weight '", each.name,
               "' is ", each.value.shape(), " in the model; got ", saved.shape());
  }
  for (NamedTensor& each : all) each.value.copy_from(state.get_tensor(each.name));
}

Tensor Layer::operator()(const Tensor& x) const {
  Pass inference;
  return forward(x, inference);
}

Tensors Layer::call(std::span<const Tensor> in, Pass& pass) const {
  MIEN_CHECK(in.size() == 1, ValueError, kind().empty() ? "layer" : kind(),
             ": takes one input; got ", in.size());
  return forward(in[0], pass);
}

Shapes Layer::build(std::span<const Shape> in) {
  MIEN_CHECK(in.size() == 1, ValueError, kind().empty() ? "layer" : kind(),
             ": takes one input; got ", in.size());
  return build(in[0]);
}

}  // namespace mien::nn
