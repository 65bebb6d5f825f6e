// Trains a facial-expression network: what the Keras scripts of the Kaggle notebooks do, in C++.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <utility>

#include "folders.h"
#include "interrupt.h"
#include "mien/mien.h"
#include "networks.h"
#include "options.h"
#include "results.h"

namespace {

using namespace mien;
using fer::Options;

constexpr int kInterrupted = 130, kFailed = 2;

// OUT exists and can be written to.
void prepare_folder(const Options& o) {
  std::error_code error;
  std::filesystem::create_directories(o.out, error);
  MIEN_CHECK(!error, IoError, "--out ", o.out, ": ", error.message());
  MIEN_CHECK(std::filesystem::is_directory(o.out, error), IoError, "--out ", o.out,
             ": is not a folder");
  MIEN_CHECK(::access(o.out.c_str(), W_OK | X_OK) == 0, IoError, "--out ", o.out,
             ": cannot be written to");
}

void say_what_is_overwritten(const Options& o) {
  std::error_code error;
  if (!o.resume && std::filesystem::exists(fer::checkpoint_path(o), error))
    std::printf("%s holds an earlier run, which is overwritten; --resume would go on with it.\n",
                o.out.c_str());
}

void choose_device(const Options& o) {
  set_default_device(device_named(o.device));
  set_num_threads(o.threads);
  set_conv_math(conv_math_named(o.conv));
  MIEN_CHECK(o.precision == "fp32" || default_device() != kCpu, ValueError, "--precision ",
             o.precision, " needs a CUDA device; this run is on the CPU");
  if (o.precision == "tf32") set_float32_matmul(MatmulMath::tf32);
  const std::string isa(cpu_isa());
  std::printf("Device: %s, %d threads, instruction set %s\n", device_text(default_device()).c_str(),
              num_threads(), isa.c_str());
}

nn::Sequential make_model(const Options& o, const std::vector<std::string>& class_names) {
  set_random_seed(o.seed);
  nn::Sequential model = fer::network(o.model, int(class_names.size()));
  model.build({48, 48, 1});
  // What prediction must do to an image, kept with the weights.
  model.metadata()
      .set("class_names", nn::Config::Strings(class_names))
      .set("image_size", nn::Config::Ints{48, 48})
      .set("color_mode", "grayscale")
      .set("rescale", 1.0 / 255);
  return model;
}

// As the checkpoint keeps them; no folder's name has a slash in it.
std::string joined(const std::vector<std::string>& class_names) {
  std::string names;
  for (const std::string& name : class_names) names += name + "/";
  return names;
}

void resume(Trainer& trainer, const State& checkpoint, const Options& o,
            const std::vector<std::string>& class_names) {
  try {
    MIEN_CHECK(checkpoint.get_string("class_names") == joined(class_names), ValueError,
               "its classes are not those of the folders");
    trainer.load(checkpoint);
  } catch (const Error& error) {
    throw IoError(concat(fer::checkpoint_path(o), ": does not fit this run: ", error.what()));
  }
  if (checkpoint.get_string("isa") != cpu_isa())
    std::printf(
        "Warning: the run began on instruction set %s; its numbers will differ in the last bits.\n",
        checkpoint.get_string("isa").c_str());
}

BoxList<Callback> callbacks(const Options& o, const Trainer& trainer,
                            const std::vector<std::string>& class_names) {
  const int verbose = o.verbose > 0 ? 1 : 0;
  BoxList<Callback> list{
      TerminateOnNaN({.raise_error = true}),
      EarlyStopping({.patience = o.patience,
                     .verbose = verbose,
                     .restore_best_weights = o.restore_best == 1}),
      ReduceLROnPlateau(
          {.factor = o.plateau_factor, .patience = o.plateau_patience, .verbose = verbose}),
      ModelCheckpoint(o.out + "/best.h5",
                      {.monitor = "val_accuracy", .verbose = verbose, .save_best_only = true})};
  const auto also = [o, class_names](State& state) {
    fer::save_options(o, state.group("options"));
    state.set("class_names", joined(class_names));
    state.set("isa", std::string(cpu_isa()));
  };
  list.add(TrainingCheckpoint(fer::checkpoint_path(o), {.also = also}));
  list.add(fer::HistoryFiles(trainer, o.out));
  return list;
}

int train(const Options& o, const std::optional<State>& checkpoint) {
  fer::end_on_interrupt("Interrupted before training began.\n");
  prepare_folder(o);
  choose_device(o);
  const fer::Folders images = fer::open_folders(o);
  say_what_is_overwritten(o);
  const std::vector<std::string>& class_names = images.train.class_names();
  DataLoader train_data(images.train, {.batch_size = o.batch_size,
                                       .seed = o.seed,
                                       .augment = fer::augmentation(o.augment),
                                       .rescale = 1.0 / 255});
  DataLoader validation(images.validation,
                        {.batch_size = o.batch_size, .shuffle = false, .rescale = 1.0 / 255});

  nn::Sequential model = make_model(o, class_names);
  if (o.verbose > 0) std::fputs(nn::summary(model, {.batch = o.batch_size}).c_str(), stdout);
  Box<optim::Optimizer> optimizer = fer::optimizer(o.optimizer, o.lr);
  Trainer trainer(model, {.optimizer = std::move(optimizer),
                          .loss = loss::categorical_crossentropy(),
                          .seed = o.seed,
                          .activations = o.precision == "bf16" ? DType::bf16 : DType::f32});
  if (checkpoint) resume(trainer, *checkpoint, o, class_names);

  fer::note_interrupts();
  trainer.fit(train_data, {.epochs = o.epochs,
                           .validation = &validation,
                           .callbacks = callbacks(o, trainer, class_names),
                           .verbose = o.verbose,
                           .interrupt = fer::interrupted});
  // What follows is soon done again by a resumed run, so an interrupt need not wait for it.
  const std::string kept =
      "Interrupted; all is kept. Go on with: fer_train --out " + o.out + " --resume\n";
  fer::end_on_interrupt(kept);
  if (fer::interrupted()) {
    std::fputs(kept.c_str(), stdout);
    return kInterrupted;
  }
  io::save_model(model, o.out + "/Emotion_recognition.h5",
                 {.loss = "categorical_crossentropy", .optimizer = &trainer.optimizer()});
  const double accuracy = fer::write_pictures(trainer, validation, images.validation, o.out);
  std::printf("Model: %s/Emotion_recognition.h5; the best by validation accuracy: %s/best.h5\n",
              o.out.c_str(), o.out.c_str());
  std::printf(
      "Curves: %s/history.png (.csv, .json)\nConfusion matrix: %s/confusion_matrix.png\nSamples: "
      "%s/samples.png\n",
      o.out.c_str(), o.out.c_str(), o.out.c_str());
  std::printf("Validation accuracy: %.4f\n", accuracy);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // in a file, too, lines appear as they come
  std::signal(SIGXFSZ, SIG_IGN);  // a file that grows too large is an error like a full disk
  try {
    std::optional<State> checkpoint;
    const std::optional<Options> options = fer::parse_options(argc, argv, checkpoint);
    return options ? train(*options, checkpoint) : 0;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "fer_train: %s\n", error.what());
    return kFailed;
  }
}
