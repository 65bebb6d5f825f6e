#include <vector>

#include "mien/data/array_dataset.h"
#include "mien/data/data_loader.h"
#include "mien/nn.h"
#include "mien/optim/adam.h"
#include "mien/runtime.h"
#include "mien/train/trainer.h"
#include "tests/support/catch.h"
#include "tests/support/count_news.h"

using namespace mien;

namespace {

struct Counts {
  std::size_t system_calls, news;
};

class Count : public Callback {
 public:
  explicit Count(std::vector<Counts>* counts) : counts_(counts) {}
  void on_batch_end(std::int64_t, const Logs&, TrainContext&) override {
    counts_->push_back({memory_stats().system_calls, news.load()});
  }

 private:
  std::vector<Counts>* counts_;
};

}  // namespace

TEST_CASE("a training's steps take no memory from the system, nor from the heap", "[train]") {
  nn::Sequential model{
      nn::Conv2D(4, {3, 3}, {.padding = nn::same, .kernel_regularizer = {.l2 = .1}}),
      nn::BatchNormalization(),
      nn::Activation(Act::relu),
      nn::MaxPooling2D(),
      nn::Dropout(0.5),
      nn::Flatten(),
      nn::Dense(4, {.activation = Act::softmax, .kernel_regularizer = {.l1 = .1}})};
  Trainer trainer(model, {.optimizer = optim::Adam(), .loss = loss::categorical_crossentropy()});
  const ArrayDataset data(Tensor::ones({80, 8, 8, 1}), Tensor::ones({80, 4}));
  DataLoader loader(data, {.batch_size = 8});
  std::vector<Counts> counts;
  counts.reserve(10);
  FitOptions options{.class_weight = {{0, 2.0}}, .verbose = 0};
  options.callbacks.add(Count(&counts));
  trainer.fit(loader, std::move(options));

  REQUIRE(counts.size() == 10);
  for (std::size_t i = 5; i < 10; ++i) {  // the loader's ring of batches is full by then
    INFO("step " << i);
    CHECK(counts[i].system_calls == counts[4].system_calls);
    CHECK(counts[i].news == counts[4].news);
  }
}
