#include "mien/nn/sequential.h"

#include "lib/nn/fusion.h"
#include "lib/nn/naming.h"
#include "mien/base/error.h"
#include "mien/nn/registry.h"

namespace mien::nn {

Sequential& Sequential::add(std::unique_ptr<Module> layer) {
  MIEN_CHECK(!built(), ValueError, "Sequential: a layer is added before the model is built");
  adopt("", std::move(layer));
  return *this;
}

Shape Sequential::build(const Shape& in) {
  MIEN_CHECK(!built() || *input_ == in, ValueError, "Sequential: the model was built for ", *input_,
             "; got ", in);
  std::vector<Shape> outputs;
  Shape shape = in;
  for (std::size_t i = 0; i < size(); ++i) {
    const Shapes out = with_layer_name(
        layer(i), [&] { return layer(i).build(std::span<const Shape>(&shape, 1)); });
    MIEN_CHECK(out.size() == 1, ShapeError, "Sequential: layer ", layer(i).name(), " has ",
               out.size(), " outputs; one is required");
    shape = out[0];
    outputs.push_back(shape);
  }
  input_ = in;
  outputs_ = std::move(outputs);
  fused_from_.assign(size(), FusedLayers());
  for (std::size_t i = 0; i < size(); ++i) {
    FusedLayers& fused = fused_from_[i] = begin_fusion(layer(i));
    if (fused.layers == 0) continue;
    while (i + 1 < size() && extend_fusion(fused, layer(i + 1), outputs_[i])) ++i;
  }
  return shape;
}

Tensor Sequential::forward(const Tensor& x, Pass& pass) const {
  MIEN_CHECK(x.rank() == input_shape().rank() + 1 && x.shape().slice(1) == input_shape(),
             ShapeError, "Sequential: the model takes [N, ...] with ", input_shape(), " each; got ",
             x.shape());
  Tensor y = pass.entering(x);
  for (std::size_t i = 0; i < size();) {
    const FusedLayers& next = fused_from_[i];
    const bool together = fused() && next.layers > 1;
    const BatchNormalization* norm = fused() && i + 1 < size() ? fused_from_[i + 1].norm : nullptr;
    y = with_layer_name(layer(i), [&] {
      return together ? Tensors(run_fused(next, y, Tensor(), pass))
                      : run_before(norm, layer(i), std::span<const Tensor>(&y, 1), pass);
    })[0];
    i += together ? std::size_t(next.layers) : 1;
  }
  return y;
}

bool Sequential::passes_through(std::size_t layer) const {
  for (std::size_t i = 0; fused() && i < fused_from_.size() && i <= layer; ++i)
    if (layer + 1 < i + std::size_t(fused_from_[i].layers)) return true;
  return false;
}

Module& Sequential::layer(std::string_view name) const {
  for (std::size_t i = 0; i < size(); ++i)
    if (layer(i).name() == name) return layer(i);
  MIEN_CHECK(false, ValueError, "Sequential: no layer '", name, "'");
  return layer(0);
}

const Shape& Sequential::input_shape() const {
  MIEN_CHECK(built(), ValueError,
             "model is not built; call model.build({48, 48, 1}) with the shape of one sample");
  return *input_;
}

Config Sequential::config() const {
  Config::List layers;
  for (std::size_t i = 0; i < size(); ++i) layers.push_back(layer_config(layer(i)));
  Config config;
  if (built()) config.set("input_shape", Config::Ints(input_->begin(), input_->end()));
  return config.set("layers", std::move(layers));
}

}  // namespace mien::nn
