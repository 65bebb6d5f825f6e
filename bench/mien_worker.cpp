// The benchmarks' work in mien, for bench/compare.py: one command a line on standard input, one
// line of JSON for each, with the milliseconds of each of N repetitions.
//   step MODEL BATCH train|predict auto|winograd|direct|reference N
//   conv BATCH SIDE CHANNELS FILTERS SIZE forward|grad_x|grad_w auto|winograd|direct|reference N
//   gemm M N K N
//   loader BATCH N FOLDER   N batches with augmentation: one figure, ms of each
//   peak                    GFLOP/s of one core
//   threads T | forget | versions
#include <cstdio>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "bench/support/fma_peak.h"
#include "bench/support/kernel_work.h"
#include "bench/support/machine.h"
#include "bench/support/work.h"
#include "mien/base/conv_math.h"
#include "mien/base/error.h"
#include "mien/data/data_loader.h"
#include "mien/data/image_folder.h"
#include "mien/runtime.h"

namespace {

using namespace mien;

// What the jobs of one comparison use again, by their command without the repetitions.
std::map<std::string, std::unique_ptr<bench::Work>> kept;

template <class W>
class Kernel : public bench::Work {
 public:
  explicit Kernel(W work) : work_(std::move(work)) {}
  Tensor step() override {
    work_.step();
    return {};
  }

 private:
  W work_;
};

template <class T>
T next(std::istringstream& words) {
  T value{};
  MIEN_CHECK(words >> value, ValueError, "a command is cut off, or a number is none");
  return value;
}

std::string answer(const std::vector<double>& ms) {
  std::ostringstream out;
  out << "{\"ms\": [";
  for (std::size_t i = 0; i < ms.size(); ++i) out << (i ? ", " : "") << ms[i];
  out << "]}";
  return out.str();
}

template <class Make>
std::string repeat(const std::string& command, int n, Make make) {
  std::unique_ptr<bench::Work>& work = kept[command.substr(0, command.rfind(' '))];
  if (!work) {
    work = make();
    work->step();  // the first two take memory
    work->step();
  }
  std::vector<double> ms;
  for (int i = 0; i < n; ++i) {
    const double begin = bench::now_ms();
    work->step();
    ms.push_back(bench::now_ms() - begin);
  }
  return answer(ms);
}

std::string step(const std::string& command, std::istringstream& words) {
  const auto model = next<std::string>(words);
  const int batch = next<int>(words);
  const auto mode = next<std::string>(words), conv = next<std::string>(words);
  set_conv_math(conv_math_named(conv));
  return repeat(command, next<int>(words), [&] { return bench::make_work(mode, model, batch); });
}

std::string conv(const std::string& command, std::istringstream& words) {
  bench::ConvShape shape{};
  for (int* number : {&shape.batch, &shape.side, &shape.channels, &shape.filters, &shape.size})
    *number = next<int>(words);
  const ConvPass pass = bench::conv_pass(next<std::string>(words));
  const ConvMath math = conv_math_named(next<std::string>(words));
  return repeat(command, next<int>(words), [&] {
    return std::make_unique<Kernel<bench::ConvWork>>(bench::ConvWork(shape, pass, math));
  });
}

std::string gemm(const std::string& command, std::istringstream& words) {
  const int m = next<int>(words), n = next<int>(words), k = next<int>(words);
  return repeat(command, next<int>(words), [&] {
    return std::make_unique<Kernel<bench::GemmWork>>(bench::GemmWork(m, n, k));
  });
}

// As the light augmentation of fer_train.
struct Loading {
  ImageFolder folder;
  DataLoader loader;
  Loading(const std::string& path, int batch)
      : folder(path, {.color_mode = ColorMode::grayscale}),
        loader(folder, {.batch_size = batch,
                        .augment = AugmentOptions{.rotation_range = 10,
                                                  .width_shift_range = 0.1,
                                                  .height_shift_range = 0.1,
                                                  .zoom_range = {0.9, 1.1},
                                                  .horizontal_flip = true},
                        .rescale = 1.0 / 255}) {}
};

std::unique_ptr<Loading> loading;

std::string load(std::istringstream& words) {
  const int batch = next<int>(words), n = next<int>(words);
  std::string path;
  std::getline(words >> std::ws, path);
  if (!loading) loading = std::make_unique<Loading>(path, batch);
  const auto next_images = [] {
    const Batch* one = loading->loader.next();
    if (!one) one = loading->loader.next();  // of the next epoch
    return one->inputs[0].shape()[0];
  };
  // What was prepared while nobody asked does not count.
  for (int i = 0; i <= loading->loader.options().prefetch; ++i) next_images();
  std::int64_t images = 0;
  const double begin = bench::now_ms();
  for (int i = 0; i < n; ++i) images += next_images();
  return answer({(bench::now_ms() - begin) * batch / double(images)});
}

std::string do_job(const std::string& command) {
  std::istringstream words(command);
  const auto job = next<std::string>(words);
  if (job == "step") return step(command, words);
  if (job == "conv") return conv(command, words);
  if (job == "gemm") return gemm(command, words);
  if (job == "loader") return load(words);
  if (job == "peak") return "{\"gflops\": " + std::to_string(bench::fma_peak()) + "}";
  if (job == "threads") {
    set_num_threads(next<int>(words));
  } else if (job == "forget") {
    kept.clear();
    loading.reset();
    empty_cache();
  } else if (job == "versions") {
    return "{\"versions\": \"mien " + std::string(version()) + "\", \"instruction_set\": \"" +
           std::string(cpu_isa()) + "\", \"cpu\": \"" + bench::cpu_name() + "\"}";
  } else {
    throw ValueError("unknown job " + job);
  }
  return "{}";
}

}  // namespace

int main() {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  std::printf("{\"ready\": true}\n");
  for (std::string command; std::getline(std::cin, command);) {
    try {
      std::printf("%s\n", do_job(command).c_str());
    } catch (const std::exception& error) {  // the others may still go well; no message has quotes
      std::printf("{\"error\": \"%s\"}\n", error.what());
    }
  }
}
