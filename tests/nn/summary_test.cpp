#include "mien/nn/summary.h"

#include <fstream>
#include <iterator>
#include <string>

#include "mien/nn.h"
#include "tests/support/catch.h"

namespace mien {
namespace {

// What real Keras printed (tests/golden/make_golden_layers.py).
std::string keras_text(const std::string& name) {
  std::ifstream file(std::string(MIEN_TEST_DATA_DIR) + "/layers/" + name + ".txt");
  return {std::istreambuf_iterator<char>(file), {}};
}

nn::Sequential expression_cnn() {
  nn::Sequential model;
  const auto block = [&](int filters, int size) {
    model.add(nn::Conv2D(filters, {size, size}, {.padding = nn::same}));
    model.add(nn::BatchNormalization()).add(nn::Activation(Act::relu));
    model.add(nn::MaxPooling2D()).add(nn::Dropout(0.25));
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
  model.add(nn::Dense(7, {.activation = Act::softmax}));
  model.build({48, 48, 1});
  return model;
}

TEST_CASE("the expression CNN's summary is Keras's, character for character", "[nn]") {
  const nn::Sequential model = expression_cnn();
  const nn::ParameterCount count = nn::count_parameters(model);
  REQUIRE(count.total() == 4478727);
  REQUIRE(count.trainable == 4474759);
  REQUIRE(nn::summary(model) == keras_text("canonical"));
}

TEST_CASE("a graph's summary is Keras's, with what each layer is connected to", "[nn]") {
  nn::Graph g;
  g.set_name("residual");
  const auto x = g.input({8, 8, 4}, "images");
  nn::Module& shared = g.own(nn::Conv2D(4, {3, 3}, {.padding = nn::same}));
  auto y = g.call(shared, {g.call(shared, {x})});
  y = g.add(nn::Add(), {y, x});
  y = g.add(nn::Concatenate(-1, {.name = "a_rather_long_name_of_a_layer_that_is_cut"}), {y, x});
  g.output(g.add(nn::Dense(2), g.add(nn::GlobalAveragePooling2D(), y)));
  REQUIRE(nn::summary(g) == keras_text("residual"));
}

TEST_CASE("a summary tells the memory that a batch size will take", "[nn]") {
  nn::Sequential model{nn::Dense(3)};
  model.build({4});
  const std::string table = nn::summary(model), more = nn::summary(model, {.batch = 1024});
  REQUIRE(more.substr(0, table.size()) == table);
  const std::string lines =
      " Memory for batches of 1024: 28.23 KB to train, 28.06 KB to predict (estimated)\n"
      " Memory so far: ";
  REQUIRE(more.substr(table.size(), lines.size()) == lines);
}

TEST_CASE("frozen weights count as not trainable", "[nn]") {
  nn::Sequential model{nn::Dense(3), nn::Dense(2)};
  REQUIRE_THROWS_WITH(nn::summary(model), "summary: the model is not built");
  model.build({4});
  model.layer(std::size_t(0)).freeze();
  REQUIRE(nn::count_parameters(model).trainable == 8);
  REQUIRE(nn::count_parameters(model).non_trainable == 15);
  REQUIRE_THAT(nn::summary(model), Contains(" Non-trainable params: 15 (60.00 B)\n"));
}

}  // namespace
}  // namespace mien
