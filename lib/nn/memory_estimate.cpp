#include "mien/nn/memory_estimate.h"

#include <algorithm>
#include <vector>

#include "mien/base/error.h"
#include "mien/nn/pooling.h"
#include "mien/nn/shape_layers.h"

namespace mien::nn {
namespace {

// Bytes of one sample's activations.
struct Activations {
  std::int64_t kept = 0;     // from a forward pass until its backward
  std::int64_t at_once = 0;  // the most that live at a time where nothing is kept
  std::int64_t result = 0;   // of these, what is left in the end
};

// One call of a layer.
struct Call {
  std::vector<std::size_t> inputs;
  Activations own;       // of its results and, for a model inside, of what that makes
  bool through = false;  // its result is never made
  bool output = false;   // its result is one of the model's
  std::size_t last = 0;  // the last call that reads its result
};

Activations of_layer(const Module& layer, const Shapes& outputs, bool together,
                     std::int64_t element);

Activations walk(std::vector<Call>& calls) {
  for (std::size_t i = calls.size(); i-- > 0;) {
    Call& call = calls[i];
    if (call.output) call.last = calls.size();
    const std::size_t read = call.through ? call.last : i;
    for (const std::size_t input : call.inputs)
      calls[input].last = std::max(calls[input].last, read);
  }
  Activations out;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (calls[i].through) continue;
    if (calls[i].output) out.result += calls[i].own.result;
    out.kept += calls[i].own.kept;
    std::int64_t live = calls[i].own.at_once;
    for (std::size_t j = 0; j < i; ++j)
      if (!calls[j].through && calls[j].last >= i) live += calls[j].own.result;
    out.at_once = std::max(out.at_once, live);
  }
  return out;
}

Activations of_input(const Shape& shape, bool inside, std::int64_t element) {
  if (inside) return {};  // counted where it was made
  const std::int64_t bytes = shape.numel() * element;
  return {bytes, bytes, bytes};
}

// inside: of another model.
Activations of_model(const Sequential& model, bool inside, std::int64_t element) {
  std::vector<Call> calls{{.inputs = {}, .own = of_input(model.input_shape(), inside, element)}};
  for (std::size_t i = 0; i < model.size(); ++i) {
    const bool together = i > 0 && model.passes_through(i - 1);
    calls.push_back({.inputs = {i},
                     .own = of_layer(model.layer(i), model.output_shapes()[i], together, element),
                     .through = model.passes_through(i)});
  }
  calls.back().output = true;
  return walk(calls);
}

Activations of_model(const Graph& model, bool inside, std::int64_t element) {
  std::vector<Call> calls;
  for (std::size_t i = 0; i < model.calls().size(); ++i) {
    const Graph::Call& from = model.calls()[i];
    Call call{
        .inputs = {}, .own = {}, .through = model.passes_through(i), .output = from.is_output};
    bool together = false;
    for (const Graph::Value& value : from.inputs) {
      call.inputs.push_back(std::size_t(value.call));
      together = together || calls[std::size_t(value.call)].through;
    }
    call.own = from.layer ? of_layer(*from.layer, from.outputs, together, element)
                          : of_input(from.outputs[0], inside, element);
    calls.push_back(std::move(call));
  }
  return walk(calls);
}

// together: with calls before it, whose results are never made.
Activations of_layer(const Module& layer, const Shapes& outputs, bool together,
                     std::int64_t element) {
  if (const auto* model = dynamic_cast<const Sequential*>(&layer))
    return of_model(*model, true, element);
  if (const auto* model = dynamic_cast<const Graph*>(&layer))
    return of_model(*model, true, element);
  // Views of their input.
  if (dynamic_cast<const Flatten*>(&layer) || dynamic_cast<const Reshape*>(&layer)) return {};
  std::int64_t values = 0;
  for (const Shape& each : outputs) values += each.numel();
  // Where a maximum lay, and what a fused dropout let through: a byte for each.
  const bool codes = together || dynamic_cast<const MaxPooling2D*>(&layer);
  return {values * (element + codes), values * element, values * element};
}

template <class Model>
MemoryEstimate estimate(const Model& model, const MemoryOptions& options) {
  MIEN_CHECK(options.batch >= 1, ValueError, "estimate_memory: batch must be at least 1; got ",
             options.batch);
  MIEN_CHECK(options.optimizer_slots >= 0, ValueError,
             "estimate_memory: optimizer_slots must not be negative; got ",
             options.optimizer_slots);
  MemoryEstimate out;
  std::int64_t trained = 0, element = std::int64_t(size_of(DType::f32));
  for (const NamedTensor& each : model.parameters()) {
    element = std::int64_t(size_of(each.value.dtype()));
    out.weights += std::int64_t(each.value.bytes());
    if (each.value.needs_grad()) trained += std::int64_t(each.value.bytes());
  }
  for (const NamedTensor& each : model.buffers()) out.weights += std::int64_t(each.value.bytes());
  const Activations sample = of_model(model, false, element);
  out.training =
      out.weights + trained * (1 + options.optimizer_slots) + options.batch * sample.kept;
  out.inference = out.weights + options.batch * sample.at_once;
  return out;
}

}  // namespace

MemoryEstimate estimate_memory(const Sequential& model, const MemoryOptions& options) {
  return estimate(model, options);
}
MemoryEstimate estimate_memory(const Graph& model, const MemoryOptions& options) {
  return estimate(model, options);
}

}  // namespace mien::nn
