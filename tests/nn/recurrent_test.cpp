// What the tests of all layers do not see of recurrent layers and of layers around them.
#include "mien/nn/recurrent.h"

#include <cmath>

#include "mien/base/error.h"
#include "mien/nn.h"
#include "mien/ops.h"
#include "tests/nn/cases/layer_case.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/values.h"

namespace mien {
namespace {

TEST_CASE("an LSTM's forget gate starts with a bias of 1", "[nn]") {
  nn::LSTM lstm(2), without(2, {.unit_forget_bias = false});
  lstm.build(Shapes{{3, 1}});
  without.build(Shapes{{3, 1}});
  CHECK(values(lstm.parameters()[2].value) == std::vector<double>{0, 0, 1, 1, 0, 0, 0, 0});
  CHECK(values(without.parameters()[2].value) == std::vector<double>(8, 0));
  CHECK(lstm.parameters()[2].value.needs_grad());
}

TEST_CASE("recurrent kernels start orthogonal", "[nn]") {
  nn::GRU gru(4);
  gru.build(Shapes{{3, 1}});
  const Tensor kernel = gru.parameters()[1].value.detach();
  REQUIRE(kernel.shape() == Shape{4, 12});
  const std::vector<double> product = values(matmul(kernel, kernel, {.transpose_b = true}));
  for (int i = 0; i < 16; ++i) CHECK(product[std::size_t(i)] == Approx(i % 5 == 0).margin(1e-5));
}

TEST_CASE("a state handed on continues a sequence", "[nn]") {
  nn::Graph whole, halves;
  for (const bool split : {false, true}) {
    nn::Graph& g = split ? halves : whole;
    nn::Module& lstm = g.own(nn::LSTM(3, {.return_state = true}));
    if (split) {
      const auto a = g.input({2, 4}), b = g.input({3, 4});
      const auto first = g.call_all(lstm, std::span<const nn::Graph::Value>(&a, 1));
      REQUIRE(first.size() == 3);
      g.output(g.call(lstm, {b, first[1], first[2]}));
    } else {
      g.output(g.call(lstm, {g.input({5, 4})}));
    }
    fill_weights(g);
  }
  const Tensor x = filled({2, 5, 4}, 0, DType::f32);
  nn::Pass pass;
  const Tensor wanted = whole.call(Tensors{x}, pass)[0];
  const Tensor got =
      halves.call(Tensors{slice(x, 1, {.end = 2}), slice(x, 1, {.begin = 2})}, pass)[0];
  CHECK(relative_error(got, wanted) < 1e-6);
  const nn::Graph copy = nn::clone(halves);
  CHECK(values(copy.call(Tensors{slice(x, 1, {.end = 2}), slice(x, 1, {.begin = 2})}, pass)[0]) ==
        values(got));
  const nn::Predictor predictor(whole);
  CHECK(relative_error(predictor(x), wanted) < 1e-6);
}

TEST_CASE("weights of a sequence of any length are the same", "[nn]") {
  nn::GRU gru(3);
  gru.build(Shapes{{5, 4}});
  CHECK(gru.build(Shapes{{9, 4}})[0] == Shape{3});
  nn::Pass pass;
  CHECK(gru.call(Tensors{Tensor::ones({2, 9, 4})}, pass)[0].shape() == Shape{2, 3});
}

// y = sum over the steps of x mask 1, where the weights are 1 and the activation is linear.
TEST_CASE("dropout drops the same features at every step of a sample", "[nn]") {
  nn::SimpleRNN rnn(1, {.activation = Act::none,
                        .use_bias = false,
                        .kernel_initializer = nn::ones(),
                        .recurrent_initializer = nn::ones(),
                        .dropout = 0.5});
  rnn.build(Shapes{{4, 3}});
  Generator random(3);
  nn::Pass training{.training = true, .random = &random};
  bool differs = false;
  const std::vector<double> sums = values(rnn.call(Tensors{Tensor::ones({64, 4, 3})}, training)[0]);
  for (const double sum : sums) {
    CHECK(std::fmod(sum, 8) == 0);  // 4 steps of 2 for each feature kept
    differs = differs || sum != sums[0];
  }
  CHECK(differs);
  nn::Pass inference;
  CHECK(values(rnn.call(Tensors{Tensor::ones({1, 4, 3})}, inference)[0])[0] == 12);
}

TEST_CASE("recurrent dropout drops the same of the state at every step", "[nn]") {
  nn::SimpleRNN rnn(1, {.activation = Act::none,
                        .use_bias = false,
                        .kernel_initializer = nn::ones(),
                        .recurrent_initializer = nn::ones(),
                        .recurrent_dropout = 0.5});
  rnn.build(Shapes{{4, 1}});
  Generator random(3);
  nn::Pass training{.training = true, .random = &random};
  int kept = 0;
  for (const double y : values(rnn.call(Tensors{Tensor::ones({64, 4, 1})}, training)[0])) {
    CHECK((y == 1 || y == 15));  // 1 + 0, or 1 + 2 (1 + 2 (1 + 2))
    kept += y == 15;
  }
  CHECK((kept > 16 && kept < 48));
}

TEST_CASE("normalization of each step sees the steps one by one in training", "[nn]") {
  nn::TimeDistributed layer{nn::BatchNormalization()};
  layer.build(Shape{2, 1});
  nn::Pass training{.training = true};
  // Step 0: 1, 3; step 1: 10, 30.
  const std::vector<double> y = values(layer(Tensor::from({1, 10, 3, 30}, {2, 2, 1}), training));
  CHECK(y[0] == Approx(-1 / std::sqrt(1.001)));
  CHECK(y[3] == Approx(10 / std::sqrt(100.001)));
  // 0.99 (0.01 2) + 0.01 20
  CHECK(values(layer.buffers()[0].value)[0] == Approx(0.2198));
  CHECK(layer.buffers()[0].name == "batch_normalization/moving_mean");
}

TEST_CASE("layers around others name the weights inside as Keras does", "[nn]") {
  nn::Graph g;
  const auto x = g.input({5, 4});
  g.add(nn::Bidirectional(nn::LSTM(2)), x);
  g.add(nn::Bidirectional(nn::LSTM(2), nn::GRU(3, {.go_backwards = true, .name = "mine"})), x);
  g.add(nn::TimeDistributed(nn::Dense(2)), x);
  g.add(nn::MultiHeadAttention(2, 3), {x, x});
  std::vector<std::string> names;
  for (const NamedTensor& each : g.parameters()) names.push_back(each.name);
  const std::vector<std::string> wanted{"bidirectional/forward_lstm/kernel",
                                        "bidirectional/forward_lstm/recurrent_kernel",
                                        "bidirectional/forward_lstm/bias",
                                        "bidirectional/backward_lstm/kernel",
                                        "bidirectional/backward_lstm/recurrent_kernel",
                                        "bidirectional/backward_lstm/bias",
                                        "bidirectional_1/forward_lstm/kernel",
                                        "bidirectional_1/forward_lstm/recurrent_kernel",
                                        "bidirectional_1/forward_lstm/bias",
                                        "bidirectional_1/mine/kernel",
                                        "bidirectional_1/mine/recurrent_kernel",
                                        "bidirectional_1/mine/bias",
                                        "time_distributed/dense/kernel",
                                        "time_distributed/dense/bias",
                                        "multi_head_attention/query/kernel",
                                        "multi_head_attention/query/bias",
                                        "multi_head_attention/key/kernel",
                                        "multi_head_attention/key/bias",
                                        "multi_head_attention/value/kernel",
                                        "multi_head_attention/value/bias",
                                        "multi_head_attention/attention_output/kernel",
                                        "multi_head_attention/attention_output/bias"};
  CHECK(names == wanted);
  CHECK(g.parameters()[11].value.shape() == Shape{2, 9});
  CHECK(g.parameters()[14].value.shape() == Shape{4, 2, 3});
  CHECK(g.parameters()[20].value.shape() == Shape{2, 3, 4});
}

TEST_CASE("kernels of attention start with the spread of the matrices that they are", "[nn]") {
  nn::MultiHeadAttention attention(8, 32);
  attention.build(Shapes{{4, 16}, {4, 16}});
  const double limit = std::sqrt(6.0 / (16 + 8 * 32));
  const double largest = max(abs(attention.parameters()[0].value.detach())).item();
  CHECK(largest <= limit);
  CHECK(largest > 0.95 * limit);
}

TEST_CASE("ids may be whole numbers or floats, in range", "[nn]") {
  nn::Embedding layer(3, 2, {.name = "words"});
  CHECK(layer.build(Shape{4}) == Shape{4, 2});
  const Tensor table = layer.parameters()[0].value.detach();
  const Tensor ids = Tensor::from({2, 0, 2, 1}, {1, 4});
  const std::vector<double> y = values(layer(ids)), rows = values(table);
  CHECK(y == std::vector<double>{rows[4], rows[5], rows[0], rows[1], rows[4], rows[5], rows[2],
                                 rows[3]});
  CHECK(values(layer(ids.to(DType::i32))) == y);
  CHECK_THROWS_WITH(layer(Tensor::from({0, 3}, {1, 2})),
                    "Embedding 'words': id 3 is not in 0 .. 2");
  CHECK_THROWS_WITH(layer(Tensor::from({-1, 0}, {1, 2})),
                    "Embedding 'words': id -1 is not in 0 .. 2");
  CHECK_THROWS_AS(layer(ids.to(DType::bf16)), DTypeError);
  sum(layer(ids)).backward();
  CHECK(values(layer.parameters()[0].value.grad()) == std::vector<double>{1, 1, 1, 1, 2, 2});
}

TEST_CASE("what recurrent layers, embeddings and attention lack is refused by name", "[nn]") {
  const auto refused = [](const char* kind, const char* key, nn::Config::Value value) {
    nn::Config config;
    config.set("class_name", kind).set("name", "mine");
    for (const char* size : {"units", "input_dim", "output_dim", "num_heads", "key_dim"})
      config.set(size, 2);
    return nn::make_layer(config.set(key, std::move(value)));
  };
  CHECK_THROWS_WITH(refused("LSTM", "stateful", true), "LSTM 'mine': stateful is not supported");
  CHECK_THROWS_WITH(refused("GRU", "time_major", true), "GRU 'mine': time_major is not supported");
  CHECK_THROWS_WITH(refused("Embedding", "mask_zero", true),
                    "Embedding 'mine': mask_zero is not supported");
  CHECK_THROWS_WITH(refused("MultiHeadAttention", "sliding_window", std::int64_t(3)),
                    "MultiHeadAttention 'mine': sliding_window is not supported");
  const nn::Config::Value dense = nn::Config::List{nn::layer_config(nn::Dense(2))};
  CHECK_THROWS_WITH(
      refused("Bidirectional", "layer", dense),
      "Bidirectional 'mine': a layer Dense is not supported; SimpleRNN, LSTM and GRU are");
  const auto made = refused("MultiHeadAttention", "attention_axes", nn::Config::Ints{1});
  CHECK_THROWS_WITH(made->build(Shapes{{2, 3, 4}, {2, 3, 4}}),
                    Contains("attention_axes other than all"));
}

TEST_CASE("recurrent layers and attention say what they wanted", "[nn]") {
  CHECK_THROWS_WITH(nn::LSTM(0), "LSTM: units must be at least 1; got 0");
  CHECK_THROWS_WITH(nn::GRU(2, {.dropout = 1}),
                    "GRU: dropout and recurrent_dropout must be at least 0 and below 1; got 1");
  nn::LSTM lstm(2);
  CHECK_THROWS_WITH(lstm.build(Shapes{{4}}), "LSTM: a sample must be [T, C]; got [4]");
  CHECK_THROWS_WITH(lstm.build(Shapes{{4, 3}, {2}}),
                    "LSTM: takes a sequence, and its first state as 2 more inputs or none; got 2 "
                    "inputs");
  CHECK_THROWS_WITH(lstm.build(Shapes{{4, 3}, {2}, {3}}),
                    "LSTM: a first state must be [2]; got [3]");
  CHECK_THROWS_WITH(lstm.build(Shapes{{0, 3}}), "LSTM: a sample must have a step; got [0, 3]");
  CHECK_THROWS_WITH(nn::Bidirectional(nn::LSTM(2, {.go_backwards = true})),
                    "Bidirectional: one of the two layers must go backwards, the other not");
  CHECK_THROWS_WITH(
      nn::Bidirectional(nn::LSTM(2), nn::LSTM(2, {.return_state = true, .go_backwards = true})),
      "Bidirectional: return_sequences and return_state must be the same in both layers");
  CHECK_THROWS_WITH(nn::TimeDistributed(nn::Dense(2)).build(Shape{3}),
                    "TimeDistributed: a sample must be [T, ..]; got [3]");
  nn::MultiHeadAttention attention(2, 3);
  CHECK_THROWS_WITH(attention.build(Shapes{{4, 3}}),
                    "MultiHeadAttention: takes query, value and, where it is not the value, key; "
                    "got 1 inputs");
  CHECK_THROWS_WITH(attention.build(Shapes{{4, 3}, {4, 3}, {5, 3}}),
                    "MultiHeadAttention: value and key must have the same places; got [4, 3] and "
                    "[5, 3]");
  nn::Attention luong;
  CHECK_THROWS_WITH(luong.build(Shapes{{4, 3}, {5, 2}}),
                    "Attention: query, value and key must be [T, D], [S, V] and [S, D]; got [4, "
                    "3], [5, 2] and [5, 2]");
}

}  // namespace
}  // namespace mien
