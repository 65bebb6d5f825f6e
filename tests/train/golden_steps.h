#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "mien/data/array_dataset.h"
#include "mien/data/data_loader.h"
#include "mien/nn.h"
#include "mien/optim.h"
#include "mien/train/trainer.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/values.h"

// Ten steps of a small network on the default device, as PyTorch does them: see
// tests/golden/make_golden_steps.py.

namespace mien {

inline nn::Sequential golden_network() {
  nn::Sequential model{nn::Conv2D(4, {3, 3}, {.padding = nn::same, .activation = Act::relu}),
                       nn::Conv2D(4, {3, 3}, {.padding = nn::same, .use_bias = false}),
                       nn::BatchNormalization(),
                       nn::Activation(Act::relu),
                       nn::MaxPooling2D(),
                       nn::Flatten(),
                       nn::Dense(3, {.activation = Act::softmax})};
  model.build(Shape{8, 8, 2});
  const std::vector<double> start = values(golden("steps/start"));
  std::size_t at = 0;
  for (const NamedTensor& each : model.parameters()) {
    Tensor weight = each.value;
    const std::size_t count = std::size_t(weight.numel());
    weight.copy_from(Tensor::from(std::span(start).subspan(at, count), weight.shape()));
    at += count;
  }
  REQUIRE(at == start.size());
  return model;
}

inline std::vector<double> all_weights(const nn::Module& model) {
  std::vector<double> all;
  for (const auto& list : {model.parameters(), model.buffers()}) {
    for (const NamedTensor& each : list) {
      for (const double value : values(each.value)) all.push_back(value);
    }
  }
  return all;
}

/// Ten steps of 8 samples; the largest difference to PyTorch's weights and moving statistics.
inline double ten_steps(const char* name, Box<optim::Optimizer> optimizer) {
  nn::Sequential model = golden_network();
  ArrayDatasetOptions arrays;
  arrays.inputs = golden("steps/x");
  arrays.targets = golden("steps/y");
  arrays.classes = 3;
  const ArrayDataset data(std::move(arrays));
  DataLoader loader(data, {.batch_size = 8, .shuffle = false});
  Trainer trainer(
      model,
      {.optimizer = std::move(optimizer), .loss = loss::categorical_crossentropy(), .metrics = {}});
  const History history = trainer.fit(loader, {.verbose = 0});

  const std::vector<double> losses = values(golden(std::string("steps/") + name + "_losses"));
  double mean = 0;
  for (const double each : losses) mean += each / double(losses.size());
  CHECK(history.values("loss")[0] == Approx(mean).epsilon(1e-5));

  const std::vector<double> got = all_weights(model);
  const std::vector<double> wanted = values(golden(std::string("steps/") + name));
  REQUIRE(got.size() == wanted.size());
  double worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, std::isnan(got[i]) ? INFINITY : std::fabs(got[i] - wanted[i]));
  }
  return worst;
}

}  // namespace mien
