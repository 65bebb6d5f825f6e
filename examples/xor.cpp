// A network learns the exclusive or.
#include <mien/mien.h>

#include <cstdio>

using namespace mien;

int main() {
  set_random_seed(1);
  const Tensor x = Tensor::from({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2});
  const Tensor y = Tensor::from({0, 1, 1, 0}, {4, 1});

  nn::Sequential model{nn::Dense(8, {.activation = Act::tanh}),
                       nn::Dense(1, {.activation = Act::sigmoid})};
  Trainer trainer(model, {.optimizer = optim::Adam(0.05), .loss = loss::binary_crossentropy()});
  const History history = trainer.fit(x, y, {.epochs = 200, .verbose = 0});

  std::printf("loss %.4f\n", history.values("loss").back());
  const Tensor p = trainer.predict(x);
  for (int i = 0; i < 4; ++i) {
    std::printf("%d xor %d = %.3f\n", i / 2, i % 2, p.data<float>()[i]);
  }
}
