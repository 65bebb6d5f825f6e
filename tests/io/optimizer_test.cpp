#include <string>

#include "mien/mien.h"
#include "tests/io/formats.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"
#include "tests/support/values.h"

namespace mien {
namespace {

nn::Sequential network() {
  nn::Sequential model{nn::Dense(4, {.activation = Act::tanh}), nn::Dense(3), nn::Dense(2)};
  model.build({3});
  model.layer(1).freeze();
  return model;
}

void train(const nn::Module& model, optim::Optimizer& optimizer, int steps) {
  const Tensor x = random_tensor({8, 3}, 1, -1, 1, DType::f32);
  for (int i = 0; i < steps; ++i) {
    nn::Pass training{.training = true};
    optimizer.zero_grad();
    sum(square(model.call({&x, 1}, training)[0])).backward();
    optimizer.step();
  }
}

Box<optim::Optimizer> made(const std::string& kind) {
  if (kind == "Adam") return optim::Adam(0.01, {.beta_1 = 0.8});
  if (kind == "AdamW") return optim::AdamW(0.01);
  if (kind == "RMSprop") return optim::RMSprop(0.01, {.momentum = 0.5, .centered = true});
  return optim::SGD(0.01, {.momentum = 0.9});
}

TEST_CASE("a training goes on from a file as if it had not stopped", "[io]") {
  need_formats();
  const test::TempDir dir;
  for (const std::string kind : {"Adam", "AdamW", "RMSprop", "SGD"})
    for (const std::string file : {"model.keras", "model.h5"}) {
      INFO(kind << " " << file);
      const nn::Sequential model = network();
      Box<optim::Optimizer> optimizer = made(kind);
      optimizer->bind(model.parameters());
      train(model, *optimizer, 3);
      io::save_model(model, dir / file, {.loss = "mse", .optimizer = optimizer.get(), .keras = 2});
      const auto copy = io::load_model<nn::Sequential>(dir / file);
      Box<optim::Optimizer> other = made(kind);
      other->bind(copy.parameters());
      io::load_optimizer(*other, copy, dir / file);
      CHECK(other->iterations() == 3);
      train(model, *optimizer, 2);
      train(copy, *other, 2);
      for (std::size_t i = 0; i < model.parameters().size(); ++i)
        CHECK(values(copy.parameters()[i].value) == values(model.parameters()[i].value));
    }
}

TEST_CASE("an optimizer's state that does not fit is refused", "[io]") {
  need_formats();
  const test::TempDir dir;
  const nn::Sequential model = network();
  optim::Adam adam;
  adam.bind(model.parameters());
  train(model, adam, 1);
  io::save_model(model, dir / "adam.keras", {.loss = "mse", .optimizer = &adam});
  io::save_model(model, dir / "none.keras");
  optim::SGD sgd(0.1, {.momentum = 0.9});
  sgd.bind(model.parameters());
  CHECK_THROWS_WITH(io::load_optimizer(sgd, model, dir / "adam.keras"),
                    Contains("its optimizer is Adam, not SGD"));
  CHECK_THROWS_WITH(io::load_optimizer(sgd, model, dir / "none.keras"),
                    Contains("holds no state of an optimizer"));
  nn::Sequential larger{nn::Dense(4), nn::Dense(5), nn::Dense(2)};
  larger.build({3});
  optim::Adam other;
  other.bind(larger.parameters());
  CHECK_THROWS_AS(io::load_optimizer(other, larger, dir / "adam.keras"), IoError);
  CHECK(other.iterations() == 0);
}

}  // namespace
}  // namespace mien
