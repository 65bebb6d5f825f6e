#include "mien/nn/wrappers.h"

#include <string_view>
#include <vector>

#include "lib/nn/layer_config.h"
#include "lib/nn/naming.h"
#include "lib/nn/wrappers.h"
#include "mien/base/error.h"
#include "mien/nn/registry.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/movement.h"

namespace mien::nn {
namespace {

// The steps as samples: [N, T, ..] -> [N T, ..].
Tensor as_samples(const Tensor& x) {
  return x.view(join({x.shape()[0] * x.shape()[1]}, x.shape().slice(2)));
}

// "lstm", "forward_lstm" -> "forward_lstm".
std::string prefixed(std::string_view prefix, const Module& layer) {
  const std::string name = layer.name().empty() ? snake_case(layer.kind()) : layer.name();
  return name.rfind(prefix, 0) == 0 ? name : std::string(prefix) + name;
}

std::unique_ptr<Recurrent> going_back(const Recurrent& layer) {
  Config config = layer_config(layer);
  config.set("go_backwards", true).set("name", Config::Value(prefixed("backward_", layer)));
  std::unique_ptr<Module> made = make_layer(config);
  return std::unique_ptr<Recurrent>(static_cast<Recurrent*>(made.release()));
}

Tensor merged(MergeMode mode, const Tensor& a, const Tensor& b) {
  switch (mode) {
    case MergeMode::concat:
      return concatenate({a, b});
    case MergeMode::sum:
      return a + b;
    case MergeMode::mul:
      return a * b;
    default:
      return (a + b) / 2;
  }
}

}  // namespace

TimeDistributed::TimeDistributed(std::unique_ptr<Module> layer, LayerOptions options) {
  MIEN_CHECK(layer, ValueError, "TimeDistributed: a layer is required");
  set_name(std::move(options.name));
  adopt("", std::move(layer));
}

Shape TimeDistributed::build(const Shape& in) {
  MIEN_CHECK(in.rank() >= 2, ShapeError, "TimeDistributed: a sample must be [T, ..]; got ", in);
  const Shape step = in.slice(1);
  const Shapes out =
      with_layer_name(layer(), [&] { return layer().build(std::span<const Shape>(&step, 1)); });
  MIEN_CHECK(out.size() == 1, ValueError, "TimeDistributed: layer '", layer().name(), "' has ",
             out.size(), " outputs; one is supported");
  return join({in[0]}, out[0]);
}

Tensor TimeDistributed::forward(const Tensor& x, Pass& pass) const {
  MIEN_CHECK(x.rank() >= 3, ShapeError, "TimeDistributed: input must be [N, T, ..]; got ",
             x.shape());
  const auto inside = [&](const Tensor& samples) {
    return with_layer_name(
        layer(), [&] { return layer().call(std::span<const Tensor>(&samples, 1), pass); })[0];
  };
  const std::int64_t n = x.shape()[0], steps = x.shape()[1];
  if (pass.training && !layer().buffers().empty()) {
    std::vector<Tensor> all;
    for (std::int64_t t = 0; t < steps; ++t)
      all.push_back(inside(squeeze(mien::slice(x, 1, {.begin = t, .end = t + 1}), 1)));
    return stack(all, 1);
  }
  const Tensor y = inside(as_samples(x));
  return y.view(join({n, steps}, y.shape().slice(1)));
}

Config TimeDistributed::config() const {
  return Config().set("layer", Config::List{layer_config(layer())});
}

Bidirectional::Bidirectional(std::unique_ptr<Recurrent> layer,
                             std::unique_ptr<Recurrent> backward_layer,
                             BidirectionalOptions options)
    : merge_mode_(options.merge_mode) {
  MIEN_CHECK(layer, ValueError, "Bidirectional: a layer is required");
  set_name(std::move(options.name));
  if (!backward_layer) backward_layer = going_back(*layer);
  MIEN_CHECK(layer->go_backwards() != backward_layer->go_backwards(), ValueError,
             "Bidirectional: one of the two layers must go backwards, the other not");
  MIEN_CHECK(layer->return_sequences() == backward_layer->return_sequences() &&
                 layer->return_state() == backward_layer->return_state(),
             ValueError,
             "Bidirectional: return_sequences and return_state must be the same in both layers");
  layer->set_name(prefixed("forward_", *layer));
  adopt("", std::move(layer));
  adopt("", std::move(backward_layer));
}

Shapes Bidirectional::build(std::span<const Shape> in) {
  const std::size_t ahead = std::size_t(forward_layer().states()),
                    back = std::size_t(backward_layer().states());
  MIEN_CHECK(in.size() == 1 || in.size() == 1 + ahead + back, ValueError,
             "Bidirectional: takes a sequence, and first states as ", ahead + back,
             " more inputs or none; got ", in.size(), " inputs");
  Shapes first = in[0], second = in[0];
  for (std::size_t i = 1; i < in.size(); ++i) (i <= ahead ? first : second).push_back(in[i]);
  const Shapes a = with_layer_name(forward_layer(), [&] { return forward_layer().build(first); });
  const Shapes b =
      with_layer_name(backward_layer(), [&] { return backward_layer().build(second); });
  const bool fits =
      merge_mode_ == MergeMode::none || merge_mode_ == MergeMode::concat || a[0] == b[0];
  MIEN_CHECK(fits, ShapeError, "Bidirectional: the two layers' outputs differ: ", a[0], " and ",
             b[0]);
  Shapes out = a[0];
  if (merge_mode_ == MergeMode::concat) out[0][-1] += b[0][-1];
  if (merge_mode_ == MergeMode::none) out.push_back(b[0]);
  for (std::size_t i = 1; i < a.size(); ++i) out.push_back(a[i]);
  for (std::size_t i = 1; i < b.size(); ++i) out.push_back(b[i]);
  return out;
}

Tensors Bidirectional::call(std::span<const Tensor> in, Pass& pass) const {
  const std::size_t ahead = std::size_t(forward_layer().states());
  Tensors first, second;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (i <= ahead) first.push_back(in[i]);
    if (i == 0 || i > ahead) second.push_back(in[i]);
  }
  const Tensors a =
      with_layer_name(forward_layer(), [&] { return forward_layer().call(first, pass); });
  const Tensors b =
      with_layer_name(backward_layer(), [&] { return backward_layer().call(second, pass); });
  // Its steps come last to first.
  const Tensor back = backward_layer().return_sequences() ? flip(b[0], 1) : b[0];
  Tensors out;
  if (merge_mode_ == MergeMode::none) {
    out = {a[0], back};
  } else {
    out = merged(merge_mode_, a[0], back);
  }
  for (std::size_t i = 1; i < a.size(); ++i) out.push_back(a[i]);
  for (std::size_t i = 1; i < b.size(); ++i) out.push_back(b[i]);
  return out;
}

Config Bidirectional::config() const {
  Config config;
  if (merge_mode_ == MergeMode::none) {
    config.set("merge_mode", Config::Value());
  } else {
    config.set("merge_mode", kMergeModes[std::size_t(merge_mode_)]);
  }
  return config.set("layer", Config::List{layer_config(forward_layer())})
      .set("backward_layer", Config::List{layer_config(backward_layer())});
}

}  // namespace mien::nn
