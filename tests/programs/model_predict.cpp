// What a model says to an input, for check_applications.py: model_predict MODEL OUT SIZE.. [--
// COPY..] The input is sin(0.7 (i + 1)) of shape [2, SIZE..]; the output goes to OUT as 32-bit
// floats. The model is also written to every COPY.
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "mien/mien.h"

using namespace mien;

int main(int argc, char** argv) try {
  if (argc < 4) {
    std::fputs("usage: model_predict MODEL OUT SHAPE.. [-- COPY..]\n", stderr);
    return 2;
  }
  std::vector<Shape> samples;
  Tensors inputs;
  int at = 3;
  for (; at < argc && std::string(argv[at]) != "--"; ++at) {
    std::stringstream sizes(argv[at]);
    samples.emplace_back();
    for (std::string size; std::getline(sizes, size, ',');)
      samples.back().push_back(std::stoll(size));
    Tensor x = Tensor::zeros(join({2}, samples.back()));
    for (std::int64_t i = 0; i < x.numel(); ++i)
      x.data<float>()[i] = float(std::sin(0.7 * double(i + 1) + double(inputs.size())));
    inputs.push_back(x);
  }
  const std::unique_ptr<nn::Module> model = io::load_model(argv[1], {.input_shapes = samples});
  const NoGradGuard quiet;
  nn::Pass inference;
  const Tensors y = model->call(inputs, inference);
  std::ofstream file(argv[2], std::ios::binary);
  for (const Tensor& each : y)
    file.write(reinterpret_cast<const char*>(each.data<float>()), std::streamsize(each.bytes()));
  for (++at; at < argc; ++at) {
    const std::string copy = argv[at];
    io::save_model(*model, copy, {.keras = copy.find("tf_keras") != std::string::npos ? 2 : 3});
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "model_predict: %s\n", error.what());
  return 1;
}
