// Writes one Keras file for every layer and for whole networks, with what mien predicts beside
// each: keras_files DIR -> DIR/<name>.h5 and DIR/<name>.f32, for keras_check.py.
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include "mien/mien.h"
#include "tests/nn/layer_cases.h"

using namespace mien;

namespace {

std::string folder;

// x: sin(0.7 (i + 1)), which keras_check.py computes too.
void write(const std::string& name, nn::Sequential& model, const Shape& input) {
  model.build(input.slice(1));
  fill_weights(model);
  const optim::Adam adam(1e-4);
  io::save_model(model, folder + "/" + name + ".h5",
                 {.loss = "categorical_crossentropy", .optimizer = &adam});
  const Tensor y = model(filled(input, 0, DType::f32));
  std::ofstream file(folder + "/" + name + ".f32", std::ios::binary);
  file.write(reinterpret_cast<const char*>(y.data<float>()), std::streamsize(y.bytes()));
  std::printf("%s\n", name.c_str());
}

void write_networks() {
  using namespace nn;
  Sequential expression;
  for (const int filters : {4, 6}) {
    expression.add(Conv2D(filters, {3, 3}, {.padding = same, .kernel_initializer = he_normal()}));
    expression.add(BatchNormalization()).add(Activation(Act::relu));
    expression.add(MaxPooling2D()).add(Dropout(0.25));
  }
  expression.add(Flatten()).add(Dense(5, {.kernel_regularizer = {.l1 = 1e-4, .l2 = 1e-3}}));
  expression.add(BatchNormalization()).add(Activation(Act::relu)).add(Dropout(0.25));
  expression.add(Dense(7, {.activation = Act::softmax}));
  expression.metadata().set("class_names", Config::Strings{"angry", "happy"});
  write("expression", expression, {2, 12, 12, 1});

  Sequential nested{Rescaling(1.0 / 255), Sequential{Conv2D(3, {3, 3}), BatchNormalization()},
                    Sequential{GlobalAveragePooling2D(), Dense(2)}};
  write("nested", nested, {2, 6, 6, 2});

  Sequential frozen{Dense(3), BatchNormalization(), Dense(2)};
  frozen.layer(std::size_t(0)).freeze();
  frozen.layer(1).freeze();
  write("frozen", frozen, {2, 4});

  // Keras lists a model's trained weights before its frozen ones, also inside another model.
  Sequential inner{Dense(3), Dense(3), BatchNormalization(), Dense(3), BatchNormalization()};
  inner.layer(std::size_t(0)).freeze();
  inner.layer(2).freeze();
  Sequential partly_frozen;
  partly_frozen.add(std::move(inner)).add(Dense(2));
  write("partly_frozen", partly_frozen, {2, 3});
}

// Whether it has one input and one output, and Keras has what it is made of.
bool fits_sequential(const LayerCase& each) {
  if (each.name == "time_distributed_model") return false;   // a model inside is not written
  if (each.name.rfind("activation_", 0) == 0) return false;  // main() writes those
  if (dynamic_cast<const nn::Layer*>(each.layer.get())) return true;
  const bool sequence =
      dynamic_cast<const nn::Recurrent*>(each.layer.get()) || each.layer->kind() == "Bidirectional";
  return sequence && each.inputs.size() == 1 &&
         each.layer->build(Shapes(each.inputs[0].slice(1))).size() == 1;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fputs("usage: keras_files DIR\n", stderr);
    return 2;
  }
  folder = argv[1];
  for (LayerCase& each : layer_cases()) {
    if (!fits_sequential(each)) continue;
    nn::Sequential model;
    model.add(std::move(each.layer));
    write(each.name, model, each.inputs[0]);
  }
  for (const Act act :
       {Act::none,        Act::relu,          Act::leaky_relu,  Act::elu,          Act::selu,
        Act::gelu,        Act::silu,          Act::sigmoid,     Act::hard_sigmoid, Act::tanh,
        Act::softplus,    Act::softmax,       Act::exponential, Act::relu6,        Act::celu,
        Act::mish,        Act::hard_silu,     Act::hard_tanh,   Act::softsign,     Act::log_sigmoid,
        Act::log_softmax, Act::tanh_shrink,   Act::soft_shrink, Act::hard_shrink,  Act::squareplus,
        Act::sparse_plus, Act::sparse_sigmoid}) {
    nn::Sequential model{nn::Activation(act)};
    write("act_" + std::string(name_of(act)), model, {3, 7});
  }
  write_networks();
} catch (const std::exception& error) {
  std::fprintf(stderr, "keras_files: %s\n", error.what());
  return 1;
}
