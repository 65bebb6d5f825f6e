// A layer and an op of one's own: an op with its own backward, a layer around it with a weight,
// both used like mien's, and known to the file formats.
#include <cmath>
#include <cstdio>
#include <exception>
#include <memory>

#include "mien/mien.h"

using namespace mien;

// y = x e^(-(x / width)^2 / 2): the derivative of a bell curve, up to its sign. The forward pass
// runs unrecorded; the struct remembers what the backward needs.
struct RippleGrad {
  static constexpr const char* name = "ripple";
  SavedTensor x;
  double width;

  // dy holds the gradient of the output, dx takes that of the input.
  void backward(const GradIn& dy, GradOut& dx) {
    const Tensor v = x.unpack(), square = v * v * (1 / (width * width));
    dx.add(0, dy[0] * (1 - square) * exp(-0.5 * square));
  }
};

Tensor ripple(const Tensor& x, double width) {
  Tensor y;
  {
    const NoGradGuard quiet;
    y = x * exp(x * x * (-0.5 / (width * width)));
  }
  return attach(y, {x}, RippleGrad{x, width});
}

// A layer: build() makes the weight once the input's shape is known, forward() uses it. kind() and
// config() are needed only to save it.
class Ripple : public nn::Layer {
 public:
  explicit Ripple(double width = 1) : width_(width) {}

  using nn::Layer::build;
  Shape build(const Shape& in) override {
    if (!gain_.defined()) gain_ = param("gain", {in[-1]}, nn::ones());
    return in;
  }
  Tensor forward(const Tensor& x, nn::Pass&) const override { return ripple(x, width_) * gain_; }
  std::string_view kind() const override { return "Ripple"; }
  nn::Config config() const override { return nn::Config().set("width", width_); }

 private:
  double width_;
  Tensor gain_;
};

int main() try {
  nn::register_layer("Ripple", [](const nn::Config& config) -> std::unique_ptr<nn::Module> {
    return std::make_unique<Ripple>(config.get_double("width", 1));
  });

  set_random_seed(1);
  nn::Sequential model{nn::Dense(16), Ripple(2.0), nn::Dense(1)};
  model.build({1});
  std::fputs(nn::summary(model).c_str(), stdout);

  // The sine on [-3, 3], by plain gradient descent.
  const int n = 64;
  Tensor x = Tensor::zeros({n, 1});
  for (int i = 0; i < n; ++i) x.data<float>()[i] = -3 + 6.0f * float(i) / (n - 1);
  Tensor wanted = Tensor::zeros({n, 1});
  for (int i = 0; i < n; ++i) wanted.data<float>()[i] = std::sin(x.data<float>()[i]);
  double error = 0;
  for (int step = 0; step <= 1000; ++step) {
    nn::Pass pass{.training = true};
    const Tensor loss = mean_squared_error(wanted, model(x, pass));
    error = loss.item();
    if (step % 200 == 0) std::printf("step %4d: mean squared error %.5f\n", step, error);
    for (const NamedTensor& each : model.parameters()) each.value.zero_grad();
    loss.backward();
    const NoGradGuard quiet;
    for (NamedTensor& each : model.parameters())
      each.value.copy_from(each.value - 0.05 * each.value.grad());
  }

  // A copy knows the layer through its registration.
  const nn::Sequential copy = nn::clone(model);
  const bool same =
      mean_squared_error(wanted, copy(x)).item() == mean_squared_error(wanted, model(x)).item();
  std::printf("the copy gives %s\n", same ? "the same" : "something else");
  return same && error < 0.01 ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "custom_layer_and_op: %s\n", error.what());
  return 2;
}
