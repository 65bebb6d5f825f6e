#include "networks.h"

#include "mien/base/error.h"
#include "mien/nn.h"

namespace fer {

using namespace mien;

nn::Sequential canonical(int classes) {
  nn::Sequential model;
  const auto block = [&model](int filters, int size) {
    model.add(nn::Conv2D(filters, {size, size}, {.padding = nn::same}));
    model.add(nn::BatchNormalization()).add(nn::Activation(Act::relu));
    model.add(nn::MaxPooling2D({2, 2})).add(nn::Dropout(0.25));
  };
  block(64, 3);
  block(128, 5);
  block(512, 3);
  block(512, 3);
  model.add(nn::Flatten());
  for (const int units : {256, 512}) {
    model.add(nn::Dense(units)).add(nn::BatchNormalization());
    model.add(nn::Activation(Act::relu)).add(nn::Dropout(0.25));
  }
  model.add(nn::Dense(classes, {.activation = Act::softmax}));
  return model;
}

nn::Sequential small(int classes) {
  nn::Sequential model;
  for (const int filters : {32, 64, 128, 256}) {
    for (int i = 0; i < 2; ++i) {
      model.add(nn::Conv2D(filters, {3, 3}, {.padding = nn::same, .use_bias = false}));
      model.add(nn::BatchNormalization()).add(nn::Activation(Act::relu));
    }
    if (filters == 256) break;
    model.add(nn::MaxPooling2D({2, 2})).add(nn::Dropout(0.25));
  }
  model.add(nn::GlobalAveragePooling2D()).add(nn::Dropout(0.25));
  model.add(nn::Dense(classes, {.activation = Act::softmax}));
  return model;
}

nn::Sequential network(const std::string& name, int classes) {
  if (name == "canonical") return canonical(classes);
  MIEN_CHECK(name == "small", ValueError, "--model must be canonical or small; got '", name, "'");
  return small(classes);
}

}  // namespace fer
