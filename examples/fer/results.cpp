#include "results.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "mien/base/philox.h"
#include "mien/data/image.h"

namespace fer {

using namespace mien;

HistoryFiles::HistoryFiles(const Trainer& trainer, std::string folder)
    : trainer_(trainer), folder_(std::move(folder)) {}

void HistoryFiles::on_checkpoint(TrainContext&) { write(); }

// Once more: a run that was killed between the last checkpoint and these files goes on here.
void HistoryFiles::on_train_end(TrainContext&) { write(); }

void HistoryFiles::write() const {
  const History& history = trainer_.history();
  if (history.epochs().empty()) {  // what is there is an earlier run's
    for (const char* name : {"/history.csv", "/history.json", "/history.png"})
      std::remove((folder_ + name).c_str());
    return;
  }
  history.write_csv(folder_ + "/history.csv");
  history.write_json(folder_ + "/history.json");
  plot(history, folder_ + "/history.png",
       {.title = "Facial expressions", .monitor = "val_accuracy"});
}

namespace {

constexpr std::int64_t kSamples = 28;

// The same images for each run, spread over the folder.
std::vector<std::int64_t> chosen(std::int64_t size) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i) all[std::size_t(i)] = i;
  PhiloxStream random(7, 0);
  const std::int64_t count = std::min(kSamples, size);
  for (std::int64_t i = 0; i < count; ++i)
    std::swap(all[std::size_t(i)], all[std::size_t(i) + random.below(std::uint64_t(size - i))]);
  all.resize(std::size_t(count));
  return all;
}

Sample sample_of(const ImageFolder& images, std::int64_t i, const float* row) {
  const std::vector<std::string>& names = images.class_names();
  const auto best = std::size_t(std::max_element(row, row + names.size()) - row);
  const auto truth = std::size_t(images.label(i));
  char score[16];
  std::snprintf(score, sizeof score, " %.2f", double(row[best]));
  std::string caption = names[truth];
  if (best != truth) caption += " -> " + names[best];
  return {.image = to_grayscale(read_image(images.path(i))),
          .caption = caption + score,
          .wrong = best != truth};
}

}  // namespace

double write_pictures(Trainer& trainer, DataLoader& validation, const ImageFolder& images,
                      const std::string& folder) {
  const Tensor probabilities = trainer.predict(validation);
  Tensor labels = Tensor::empty({images.size()}, {.dtype = DType::i32, .device = kCpu});
  for (std::int64_t i = 0; i < images.size(); ++i) labels.data<std::int32_t>()[i] = images.label(i);
  ConfusionMatrix matrix;
  matrix.update(labels, probabilities);
  plot_confusion_matrix(matrix.counts(), images.class_names(), folder + "/confusion_matrix.png");

  const std::int64_t classes = probabilities.shape()[1];
  std::vector<Sample> samples;
  for (const std::int64_t i : chosen(images.size()))
    samples.push_back(sample_of(images, i, probabilities.data<float>() + i * classes));
  plot_samples(samples, folder + "/samples.png");
  return matrix.value();
}

}  // namespace fer
