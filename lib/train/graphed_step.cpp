#include "lib/train/graphed_step.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "lib/core/kernels_for.h"
#include "lib/nn/builtin_layers.h"
#include "lib/runtime/allocator.h"
#include "lib/train/penalty.h"
#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/runtime.h"

namespace mien {
namespace {

constexpr int kWarmUps = 1;  // after the first step of all, so that all memory is at hand

// A layer of the user's may do something else at each step, which a graph would not.
bool all_builtin(const nn::Module& module) {
  const auto known = nn::builtin_layers();
  if (std::none_of(known.begin(), known.end(),
                   [&](const nn::BuiltinLayer& each) { return each.kind == module.kind(); }))
    return false;
  for (std::size_t i = 0; i < module.children(); ++i)
    if (!all_builtin(module.child_at(i))) return false;
  return true;
}

bool is_captured(const TrainerParts& parts, Device device, StepGraph wanted) {
  if (device == kCpu || wanted == StepGraph::off) return false;
  return wanted == StepGraph::on || (parts.loss.replayable() && all_builtin(*parts.model));
}

// What a graph depends on besides the values in its tensors.
struct Key {
  std::vector<Shape> shapes;
  std::vector<DType> dtypes;
  std::vector<bool> trained;
  ConvMath math;
  MatmulMath products;
  std::uint64_t seed;
  bool operator==(const Key&) const = default;
};

template <class F>
void for_each_tensor(StepData& data, F&& body) {
  for (Tensor& each : data.inputs) body(each);
  body(data.targets);
  if (data.weights.defined()) body(data.weights);
}

}  // namespace

class GraphedStep::Graph {
 public:
  Graph(GraphedStep& step, Device device)
      : step_(step),
        parameters_(step.parts_.model->parameters()),
        api_(device_api(device)),
        stream_(current_stream(device)),
        pool_(std::make_unique<MemoryPool>(device)),
        shift_(Tensor::zeros({2}, {.dtype = DType::i32, .device = device})) {}
  ~Graph() { drop(); }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  Result run(const StepData& data) {
    const bool watched = kernels_wait() || profiling();
    if (watched || refused_ || !step_.parts_.optimizer->replayable()) return compute(data);
    Key key = key_of(data);
    if (key_ && *key_ == key) return replay(data);
    if (graph_ && !same_model(key)) drop();  // as after layers were frozen
    if (graph_) return compute(data);        // a short batch
    if (candidate_ != key) {
      drop();
      candidate_ = std::move(key);
      inputs_ = data;
      for_each_tensor(inputs_,
                      [](Tensor& each) { each = Tensor::empty(each.shape(), each.options()); });
    }
    if (seen_++ < kWarmUps) return compute(data);
    return capture() ? replay(data) : compute(data);
  }

 private:
  Key key_of(const StepData& data) const {
    Key key{.shapes = {},
            .dtypes = {},
            .trained = {},
            .math = conv_math(),
            .products = float32_matmul(),
            .seed = step_.parts_.random.seed()};
    StepData all = data;
    for_each_tensor(all, [&](const Tensor& each) {
      key.shapes.push_back(each.shape());
      key.dtypes.push_back(each.dtype());
    });
    for (const NamedTensor& each : parameters_) key.trained.push_back(each.value.needs_grad());
    return key;
  }
  bool same_model(const Key& key) const {
    return key.trained == key_->trained && key.math == key_->math &&
           key.products == key_->products && key.seed == key_->seed;
  }

  Result compute(const StepData& data) {
    const MemoryPool::Use pool(*pool_);
    return step_.compute(data);
  }

  // False where the step does what cannot be captured, such as reading a value: nothing has
  // changed then.
  bool capture() {
    TrainerParts& parts = step_.parts_;
    const Generator before = parts.random;
    bool done = true;
    parts.optimizer->set_capturing(true);
    parts.random.set_shift(static_cast<const std::uint64_t*>(shift_.raw()));
    api_.begin_capture(stream_);
    try {
      result_ = compute(inputs_);
      graph_ = api_.end_capture(stream_);
    } catch (const Error&) {
      refused_ = true;
      done = false;
      end_broken_capture();
    }
    parts.optimizer->set_capturing(false);
    first_stream_ = before.position();
    streams_ = parts.random.position() - before.position();
    parts.random = before;
    if (done) key_ = candidate_;
    return done;
  }

  void end_broken_capture() {
    result_ = {};
    try {
      api_.release_graph(api_.end_capture(stream_));
    } catch (const Error&) {  // it was broken already
    }
  }

  Result replay(const StepData& data) {
    TrainerParts& parts = step_.parts_;
    std::size_t i = 0;
    StepData from = data;
    std::vector<Tensor> to;
    for_each_tensor(inputs_, [&](const Tensor& each) { to.push_back(each); });
    for_each_tensor(from, [&](const Tensor& each) {
      api_.copy(to[i++].raw(), each.raw(), each.bytes(), stream_);
    });
    const std::uint64_t shift = parts.random.position() - first_stream_;
    const std::uint32_t words[] = {std::uint32_t(shift), std::uint32_t(shift >> 32)};
    api_.write(static_cast<std::uint32_t*>(shift_.raw()), words, 2, stream_);
    parts.optimizer->next_replay();
    api_.replay(graph_, stream_);
    parts.random.skip(streams_);
    return result_;
  }

  void drop() {
    if (graph_) api_.release_graph(std::exchange(graph_, nullptr));
    result_ = {};
    inputs_ = {};
    key_.reset();
    candidate_.reset();
    seen_ = 0;
  }

  GraphedStep& step_;
  const std::vector<NamedTensor> parameters_;
  const DeviceApi& api_;
  StreamHandle stream_;
  std::unique_ptr<MemoryPool> pool_;
  Tensor shift_;  // u64, of dropout's streams

  GraphHandle graph_ = nullptr;
  std::optional<Key> key_, candidate_;  // of the graph, and of what may become one
  int seen_ = 0;                        // steps of the candidate
  bool refused_ = false;
  StepData inputs_;  // where the graph reads
  Result result_;    // and writes
  std::uint64_t first_stream_ = 0, streams_ = 0;
};

GraphedStep::GraphedStep(TrainerParts& parts, const std::vector<nn::Module::Penalty>& penalties,
                         Device device, StepGraph wanted)
    : parts_(parts), penalties_(penalties) {
  if (is_captured(parts, device, wanted)) graph_ = std::make_unique<Graph>(*this, device);
}

GraphedStep::~GraphedStep() = default;

GraphedStep::Result GraphedStep::run(const StepData& data) {
  return graph_ ? graph_->run(data) : compute(data);
}

GraphedStep::Result GraphedStep::compute(const StepData& data) {
  parts_.optimizer->zero_grad();
  const Tensor penalty = penalty_sum(penalties_);
  nn::Pass pass = parts_.pass(true);
  const Tensor predictions = forward(*parts_.model, data.inputs, pass);
  Tensor loss = parts_.loss(data.targets, predictions, data.weights);
  if (penalty.defined()) loss = loss + penalty;
  loss.backward();
  parts_.optimizer->step();
  return {loss, predictions};
}

}  // namespace mien
