// The smallest program outside mien's own tree: an untrained network answers a gray image.
#include <cstdio>

#include <mien/mien.h>

int main() try {
  using namespace mien;
  nn::Sequential model{
      nn::Conv2D(8, {3, 3}, {.activation = Act::relu}),
      nn::MaxPooling2D(),
      nn::Flatten(),
      nn::Dense(7, {.activation = Act::softmax}),
  };
  model.build({48, 48, 1});
  std::fputs(nn::summary(model).c_str(), stdout);

  const Tensor image = Tensor::full({1, 48, 48, 1}, 0.5);
  const Tensor answer = model(image);
  for (int i = 0; i < 7; ++i) std::printf("class %d: %.3f\n", i, answer.data<float>()[i]);
} catch (const mien::Error& error) {
  std::fprintf(stderr, "link_me: %s\n", error.what());
  return 2;
}
