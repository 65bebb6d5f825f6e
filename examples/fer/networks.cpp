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

nn::Graph resnet18(const Shape& input, int classes) {
  nn::Graph g;
  const auto norm_conv = [&g](nn::Graph::Value x, int filters, int size, int stride) {
    x = g.add(nn::Conv2D(filters, {size, size},
                         {.strides = {stride, stride}, .padding = nn::same, .use_bias = false}),
              x);
    return g.add(nn::BatchNormalization(), x);
  };
  const auto relu = [&g](nn::Graph::Value x) { return g.add(nn::Activation(Act::relu), x); };

  nn::Graph::Value x = relu(norm_conv(g.input(input), 64, 3, 1));
  for (const int filters : {64, 128, 256, 512}) {
    for (int block = 0; block < 2; ++block) {
      const int stride = filters > 64 && block == 0 ? 2 : 1;
      const nn::Graph::Value inner = relu(norm_conv(x, filters, 3, stride));
      const nn::Graph::Value sum = norm_conv(inner, filters, 3, 1);
      const nn::Graph::Value shortcut = stride > 1 ? norm_conv(x, filters, 1, stride) : x;
      x = relu(g.add(nn::Add(), {sum, shortcut}));
    }
  }
  x = g.add(nn::GlobalAveragePooling2D(), x);
  g.output(g.add(nn::Dense(classes, {.activation = Act::softmax}), x));
  return g;
}

nn::Sequential network(const std::string& name, int classes) {
  if (name == "canonical") return canonical(classes);
  MIEN_CHECK(name == "small", ValueError, "--model must be canonical or small; got '", name, "'");
  return small(classes);
}

int image_side(const std::string& name) { return name == "resnet18" ? 44 : 48; }

std::unique_ptr<nn::Module> built_network(const std::string& name, int classes) {
  const Shape input{image_side(name), image_side(name), 1};
  if (name == "resnet18") return std::make_unique<nn::Graph>(resnet18(input, classes));
  auto model = std::make_unique<nn::Sequential>(network(name, classes));
  model->build(input);
  return model;
}

}  // namespace fer
