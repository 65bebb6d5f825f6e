#include "mien/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "lib/train/device_feed.h"
#include "lib/train/evaluation.h"
#include "lib/train/fit.h"
#include "lib/train/trainer_parts.h"
#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/data/array_dataset.h"

namespace mien {
namespace {

constexpr int kBatchSize = 32;  // Keras's

std::uint64_t drawn_seed() {
  const PhiloxKey key = default_generator().reserve();
  const auto words = philox_block(key.seed, key.stream, 0);
  return std::uint64_t(words[1]) << 32 | words[0];
}

void build(nn::Module& model, const DataLoader& data) {
  const Shapes shapes = data.input_shapes();
  model.build(std::span<const Shape>(shapes));
}

void check_loss_and_targets(const TrainerParts& parts, const char* who, const DataLoader& data) {
  MIEN_CHECK(parts.loss, ValueError, who, ": the Trainer has no .loss");
  const std::size_t targets = data.dataset().fields().targets.size();
  MIEN_CHECK(targets == 1, ValueError, who, ": the data must have one target; it has ", targets);
}

void check_rows(const char* who, const Tensor& x, const Tensor& y) {
  MIEN_CHECK(x.rank() > 0 && y.rank() > 0 && x.shape()[0] == y.shape()[0], ShapeError, who,
             ": x and y must have as many samples; got ", x.shape(), " and ", y.shape());
}

DataLoader in_order(const ArrayDataset& data, int batch_size) {
  return DataLoader(data, {.batch_size = batch_size, .shuffle = false, .workers = 0});
}

// Rows of `some` to their places in `all`, as many at a time as follow each other.
void put_rows(const Tensor& some, const std::vector<std::int64_t>& places, const Tensor& all) {
  for (std::size_t begin = 0, end = 0; begin < places.size(); begin = end) {
    while (end < places.size() && places[end] - places[begin] == std::int64_t(end - begin)) ++end;
    all.slice(places[begin], places[begin] + std::int64_t(end - begin))
        .copy_from(some.slice(std::int64_t(begin), std::int64_t(end)));
  }
}

}  // namespace

struct Trainer::Parts : TrainerParts {};

Trainer::Trainer(nn::Module& model, TrainerOptions options) : parts_(std::make_unique<Parts>()) {
  parts_->model = &model;
  parts_->optimizer = std::move(options.optimizer);
  parts_->loss = std::move(options.loss);
  parts_->metrics = std::move(options.metrics);
  parts_->seed = options.seed ? *options.seed : drawn_seed();
  parts_->random.set_seed(parts_->seed);
  parts_->activations = options.activations;
  MIEN_CHECK(options.activations == DType::f32 || options.activations == DType::bf16, ValueError,
             "Trainer: activations are f32 or bf16; got ", options.activations);
}

Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;
Trainer::~Trainer() = default;

bool Trainer::interrupted() const { return parts_->interrupted; }
const History& Trainer::history() const { return parts_->history; }
optim::Optimizer& Trainer::optimizer() const {
  MIEN_CHECK(parts_->optimizer, ValueError, "Trainer: has no .optimizer");
  return *parts_->optimizer;
}

History Trainer::fit(DataLoader& train, FitOptions options) {
  MIEN_CHECK(parts_->optimizer, ValueError, "fit: the Trainer has no .optimizer");
  check_loss_and_targets(*parts_, "fit", train);
  if (options.validation) check_loss_and_targets(*parts_, "fit", *options.validation);
  MIEN_CHECK(options.epochs >= 1, ValueError, "fit: epochs must be at least 1; got ",
             options.epochs);
  MIEN_CHECK(!options.batch_size && options.validation_split == 0, ValueError,
             "fit: batch_size and validation_split are for fit(x, y); a DataLoader has its own");
  check_activations("fit", *parts_);
  build(*parts_->model, train);
  parts_->optimizer->bind(parts_->model->parameters());
  Fit(*parts_, train, std::move(options)).run();
  return parts_->history;
}

History Trainer::fit(const Tensor& x, const Tensor& y, FitOptions options) {
  check_rows("fit", x, y);
  const double split = std::exchange(options.validation_split, 0);
  MIEN_CHECK(split >= 0 && split < 1, ValueError,
             "fit: validation_split must be at least 0 and below 1; got ", split);
  MIEN_CHECK(split == 0 || !options.validation, ValueError,
             "fit: give either validation or validation_split");
  const std::int64_t samples = x.shape()[0];
  const auto trained = std::int64_t(std::floor(double(samples) * (1 - split)));
  MIEN_CHECK(split == 0 || (trained > 0 && trained < samples), ValueError, "fit: validation_split ",
             split, " of ", samples, " samples leaves nothing to one side");

  const int batch_size = std::exchange(options.batch_size, std::nullopt).value_or(kBatchSize);
  const ArrayDataset data(x.slice(0, trained), y.slice(0, trained));
  DataLoader loader(
      data,
      {.batch_size = batch_size, .shuffle = options.shuffle, .seed = parts_->seed, .workers = 0});
  if (split == 0) return fit(loader, std::move(options));

  const ArrayDataset held_out(x.slice(trained, samples), y.slice(trained, samples));
  DataLoader validation = in_order(held_out, batch_size);
  options.validation = &validation;
  return fit(loader, std::move(options));
}

Logs Trainer::evaluate(DataLoader& data, EvaluateOptions options) {
  check_loss_and_targets(*parts_, "evaluate", data);
  MIEN_CHECK(!options.batch_size, ValueError,
             "evaluate: batch_size is for evaluate(x, y); a DataLoader has its own");
  check_activations("evaluate", *parts_);
  build(*parts_->model, data);
  Logs logs;
  evaluate_epoch(*parts_, data, {.also = options.also}, logs);
  return logs;
}

Logs Trainer::evaluate(const Tensor& x, const Tensor& y, EvaluateOptions options) {
  check_rows("evaluate", x, y);
  const ArrayDataset data(x, y);
  DataLoader loader =
      in_order(data, std::exchange(options.batch_size, std::nullopt).value_or(kBatchSize));
  return evaluate(loader, std::move(options));
}

Tensor Trainer::predict(const Tensor& x, int batch_size) {
  MIEN_CHECK(batch_size >= 1, ValueError, "predict: batch_size must be at least 1; got ",
             batch_size);
  ArrayDatasetOptions arrays;
  arrays.inputs = x;
  const ArrayDataset data(std::move(arrays));
  DataLoader loader = in_order(data, batch_size);
  return predict(loader);
}

Tensor Trainer::predict(DataLoader& data) {
  MIEN_CHECK(data.samples() == data.dataset().size(), ValueError,
             "predict: the loader must not drop the last batch");
  check_activations("predict", *parts_);
  build(*parts_->model, data);
  const NoGradGuard quiet;
  Tensor all;
  DeviceFeed feed(device_of(*parts_->model), data);
  data.start(0);
  while (const Batch* batch = feed.next()) {
    nn::Pass pass = parts_->pass(false);
    const Tensor some = forward(*parts_->model, feed.bring(*batch).inputs, pass).to(kCpu);
    if (!all.defined()) {
      all = Tensor::empty(join({data.samples()}, some.shape().slice(1)), some.options());
    }
    put_rows(some, batch->samples, all);
  }
  return all;
}

void Trainer::save(State& state) const {
  if (parts_->save_live) return parts_->save_live(state);
  parts_->save(state);
  state.group("loader").copy_from(parts_->loader);
  state.group("callbacks").copy_from(parts_->callbacks);
}

void Trainer::load(const State& state) {
  MIEN_CHECK(state.has("format") && state.get_int("format") == 1, ValueError,
             "checkpoint: not of a training, or of another version of mien");
  load_position(state.get_group("position"));
  History().load(state.get_group("history"));
  const State& metrics = state.get_group("metrics");
  for (const Box<Metric>& metric : parts_->metrics) metrics.get_group(metric->name());
  state.get_group("loader");
  state.get_group("callbacks");
  Generator random;
  random.load(state.get_group("random"));

  State before;
  parts_->model->save(before);
  parts_->model->load(state.get_group("model"));
  if (parts_->optimizer && state.has("optimizer")) {
    try {
      parts_->optimizer->bind(parts_->model->parameters());
      parts_->optimizer->load(state.get_group("optimizer"));
    } catch (...) {
      parts_->model->load(before);
      throw;
    }
  }
  parts_->random = random;
  parts_->resume.emplace().copy_from(state);
}

}  // namespace mien
