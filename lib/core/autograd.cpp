#include "mien/autograd.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "lib/core/impl.h"
#include "lib/core/kernels_for.h"
#include "lib/core/one.h"
#include "lib/runtime/profile.h"
#include "mien/base/error.h"
#include "mien/base/pool.h"

namespace mien {
namespace {

thread_local bool recording = true;
std::atomic<std::uint64_t> next_seq{1};
std::atomic<std::uint64_t> next_mark{1};

void destroy_node(Node* node) {
  const std::size_t bytes = node->bytes;
  node->~Node();
  pool_give(node, bytes);
}

// A chain of a million nodes must not be released by recursion: nodes met on the way wait in a
// list. It needs no destructor: tensors of static storage are released after this thread's objects.
void release_node(Node* node) {
  thread_local Node* waiting = nullptr;
  thread_local bool busy = false;
  node->next_released = waiting;
  waiting = node;
  if (busy) return;
  busy = true;
  while (waiting) {
    Node* next = waiting;
    waiting = next->next_released;
    destroy_node(next);
  }
  busy = false;
}

}  // namespace

void retain(Node* node) { std::atomic_ref(node->refs).fetch_add(1, std::memory_order_relaxed); }
void release(Node* node) {
  if (std::atomic_ref(node->refs).fetch_sub(1, std::memory_order_acq_rel) == 1) release_node(node);
}

bool grad_enabled() { return recording; }
NoGradGuard::NoGradGuard() : before_(recording) { recording = false; }
NoGradGuard::~NoGradGuard() { recording = before_; }

SavedTensor::SavedTensor(const Tensor& tensor)
    : storage_(tensor.impl()->storage),
      offset_(tensor.impl()->offset),
      shape_(tensor.shape()),
      dtype_(tensor.dtype()),
      version_(storage_->version.load(std::memory_order_relaxed)) {}

const void* SavedTensor::raw() const {
  MIEN_CHECK(storage_, ValueError, "backward: a tensor was not kept");
  MIEN_CHECK(storage_->version.load(std::memory_order_relaxed) == version_, ValueError,
             "backward: a tensor of shape ", shape_,
             " that it needs was modified in place since the forward pass");
  return storage_->data() + offset_;
}

Tensor SavedTensor::unpack() const {
  raw();
  return make_tensor(storage_, offset_, shape_, dtype_);
}

Node::~Node() {
  for (std::uint32_t i = 0; i < n_edges; ++i) edges[i].~Edge();
}

// Used up: what it saved and the ops before it are let go as soon as nothing else holds them.
static void spend(Node& node) {
  node.spent = true;
  node.forget();
  for (std::uint32_t i = 0; i < node.n_edges; ++i) {
    if (Node* from = node.edges[i].node.get()) --from->users;
    node.edges[i] = Node::Edge{};
  }
}

bool needs_node(std::span<const Tensor> inputs) {
  return recording && std::any_of(inputs.begin(), inputs.end(),
                                  [](const Tensor& x) { return x.defined() && x.needs_grad(); });
}

namespace detail {

void* take_node_block(std::size_t node_bytes, std::size_t inputs, std::size_t& bytes) {
  static_assert(alignof(Node::Edge) <= 64);
  const std::size_t start = (node_bytes + 63) / 64 * 64;
  bytes = start + inputs * sizeof(Node::Edge);
  return pool_take(bytes);
}

void link_node(Node* node, std::span<Tensor> outputs, std::span<const Tensor> inputs) {
  const Ref<Node> owner(node);
  const std::size_t start = node->bytes - inputs.size() * sizeof(Node::Edge);
  node->edges = reinterpret_cast<Node::Edge*>(reinterpret_cast<std::byte*>(node) + start);
  for (const Tensor& input : inputs) {
    Node::Edge* edge = new (&node->edges[node->n_edges++]) Node::Edge;
    if (!input.defined()) continue;
    edge->shape = input.shape();
    edge->options = input.options();
    const AutogradMeta* meta = input.impl()->meta.get();
    if (!meta) continue;
    if (meta->leaf) {
      edge->leaf = Ref<TensorImpl>(input.impl());
    } else {
      edge->node = meta->node;
      edge->output = meta->output;
    }
  }
  node->layer = profiled_layer();
  node->seq = next_seq.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    AutogradMeta& meta = outputs[i].impl()->ensure_meta();
    meta.node = owner;
    meta.output = std::uint32_t(i);
    node->gradients.push_back(Tensor());
  }
}

}  // namespace detail

/// One walk through the graph. For grad(): which gradients to keep, and leaves stay untouched.
struct BackwardRun {
  struct Kept {
    Node* node;  // of an interior tensor, with its output; or the leaf
    std::uint32_t output;
    TensorImpl* leaf;
    Tensor value;
  };
  bool into_leaves = true;
  std::vector<Kept> kept;

  Kept* find(const TensorImpl* leaf) {
    for (Kept& each : kept)
      if (each.leaf == leaf) return &each;
    return nullptr;
  }
};

bool GradOut::wants(int input) const {
  const Node::Edge& edge = node_.edges[input];
  if (edge.leaf) return run_.into_leaves || run_.find(edge.leaf.get());
  return bool(edge.node);
}

const Shape& GradOut::shape(int input) const { return node_.edges[input].shape; }

GradSlot GradOut::into(int input) {
  const Node::Edge& edge = node_.edges[input];
  if (edge.leaf && run_.into_leaves) {
    AutogradMeta& meta = *edge.leaf->meta;
    if (!meta.grad.defined()) meta.grad = Tensor::empty(edge.shape, edge.options);
    const bool first = meta.written != *meta.epoch;
    meta.written = *meta.epoch;
    return {meta.grad, first ? 0.0 : 1.0};
  }
  Tensor* target = nullptr;
  if (edge.leaf) {
    BackwardRun::Kept* kept = run_.find(edge.leaf.get());
    target = kept ? &kept->value : nullptr;
  } else if (edge.node) {
    target = &edge.node->gradients[edge.output];
  }
  if (!target) return {Tensor::empty(edge.shape, edge.options), 0.0};  // nobody waits: thrown away
  if (target->defined()) {
    // It may be shared with another edge that was handed the same tensor.
    if (target->impl()->storage->refs.load() > 1 || target->impl()->refs.load() > 1)
      *target = target->clone();
    return {*target, 1.0};
  }
  *target = Tensor::empty(edge.shape, edge.options);
  return {*target, 0.0};
}

void GradOut::add(int input, const Tensor& gradient) {
  if (!wants(input)) return;
  const Node::Edge& edge = node_.edges[input];
  MIEN_CHECK(gradient.shape() == edge.shape, ShapeError, node_.name(), ": gradient ", input,
             " must be ", edge.shape, "; got ", gradient.shape());
  MIEN_CHECK(gradient.dtype() == edge.options.dtype, DTypeError, node_.name(), ": gradient ", input,
             " must be ", edge.options.dtype, "; got ", gradient.dtype());
  if (edge.node && !edge.node->gradients[edge.output].defined()) {
    edge.node->gradients[edge.output] = gradient.detach();
    return;
  }
  const GradSlot slot = into(input);
  run("add", slot.grad, &KernelTable::axpy,
      AxpyArgs{.n = slot.grad.numel(),
               .alpha = 1,
               .x = gradient.raw(),
               .y = slot.raw(),
               .beta = slot.beta});
}

bool GradOut::reuse(int input, const Tensor& dy) {
  const Node::Edge& edge = node_.edges[input];
  if (!edge.node || edge.node->gradients[edge.output].defined() || dy.shape() != edge.shape)
    return false;
  if (dy.impl()->refs.load() > 1 || dy.impl()->storage->refs.load() > 1) return false;
  edge.node->gradients[edge.output] = dy;
  return true;
}

GradSlot GradOut::bias_of(int input) {
  Node* maker = node_.edges[input].node.get();
  if (!maker || maker->bias < 0 || maker->users > 1) return {};
  GradOut out(*maker, run_);
  if (!out.wants(maker->bias)) return {};
  const GradSlot slot = out.into(maker->bias);
  Node::Edge& bias = maker->edges[maker->bias];  // whose op finds nobody waiting
  if (bias.node) --bias.node->users;
  bias.node = Ref<Node>();
  bias.leaf = Ref<TensorImpl>();
  return slot;
}
void adds_bias(const Tensor& y, int input) { y.impl()->meta->node->bias = input; }

namespace {

// Room for a walk's nodes, kept for the next walk: the steps of a training all need as much. A walk
// inside another one finds none and takes its own.
thread_local std::vector<Ref<Node>> spare_room;

// Into nodes: what root depends on, latest first, so that each runs after all that use its outputs.
void order_from(Node* root, std::vector<Ref<Node>>& nodes) {
  const std::uint64_t mark = next_mark.fetch_add(1, std::memory_order_relaxed);
  nodes.emplace_back(root);
  root->mark = mark;
  root->users = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    Node& node = *nodes[i];
    MIEN_CHECK(!node.spent, ValueError, "backward: the graph through ", node.name(),
               " was already used by an earlier backward; run the forward pass again");
    for (std::uint32_t e = 0; e < node.n_edges; ++e) {
      Node* next = node.edges[e].node.get();
      if (!next) continue;
      if (next->mark != mark) {
        next->mark = mark;
        next->users = 0;
        nodes.emplace_back(next);
      }
      ++next->users;
    }
  }
  std::sort(nodes.begin(), nodes.end(),
            [](const auto& a, const auto& b) { return a->seq > b->seq; });
}

void walk(const Tensor& y, const Tensor& gradient, BackwardRun& run) {
  const NoGradGuard quiet;
  const AutogradMeta& meta = *y.impl()->meta;
  std::vector<Ref<Node>> nodes = std::move(spare_room);
  order_from(meta.node.get(), nodes);
  meta.node->gradients[meta.output] = gradient;
  try {
    for (Ref<Node>& node : nodes) {
      Few<Tensor, 2> gradients = std::move(node->gradients);
      node->gradients.clear();
      for (std::size_t i = 0; i < gradients.size(); ++i) node->gradients.push_back(Tensor());
      bool any = false;
      for (const Tensor& each : gradients) any = any || each.defined();
      for (auto& kept : run.kept)
        if (kept.node == node.get()) kept.value = gradients[kept.output];
      if (any) {
        const ProfiledLayer profiled(node->layer);
        GradOut out(*node, run);
        node->backward(GradIn(gradients), out);
      }
      spend(*node);
      node = Ref<Node>();
    }
  } catch (...) {
    for (Ref<Node>& node : nodes)
      if (node)
        for (Tensor& each : node->gradients) each = Tensor();
    throw;
  }
  nodes.clear();
  spare_room = std::move(nodes);
}

}  // namespace

namespace {

void check_recorded(const Tensor& y) {
  MIEN_CHECK(y.needs_grad(), ValueError,
             "backward: the tensor was not computed from any that requires a gradient");
}

// Adds to the gradient of a leaf.
void add_to_leaf(const Tensor& leaf, const Tensor& gradient) {
  AutogradMeta& meta = *leaf.impl()->meta;
  if (!meta.grad.defined()) meta.grad = Tensor::empty(leaf.shape(), leaf.options());
  const double beta = meta.written == *meta.epoch ? 1.0 : 0.0;
  meta.written = *meta.epoch;
  run("add", meta.grad, &KernelTable::axpy,
      AxpyArgs{
          .n = leaf.numel(), .alpha = 1, .x = gradient.raw(), .y = meta.grad.raw(), .beta = beta});
}

}  // namespace

void Tensor::backward() const {
  MIEN_CHECK(numel() == 1, ShapeError, "backward: a result of one element is required; got ",
             shape());
  check_recorded(*this);
  BackwardRun everything;
  const Tensor one = one_like(*this);
  impl()->meta->leaf ? add_to_leaf(*this, one) : walk(*this, one, everything);
}

void Tensor::backward(const Tensor& gradient) const {
  MIEN_CHECK(gradient.shape() == shape(), ShapeError, "backward: the gradient must be ", shape(),
             "; got ", gradient.shape());
  MIEN_CHECK(gradient.dtype() == dtype(), DTypeError, "backward: the gradient must be ", dtype(),
             "; got ", gradient.dtype());
  check_recorded(*this);
  BackwardRun everything;
  impl()->meta->leaf ? add_to_leaf(*this, gradient) : walk(*this, gradient.clone(), everything);
}

Tensors grad(const Tensor& y, std::span<const Tensor> xs) {
  MIEN_CHECK(y.numel() == 1, ShapeError, "grad: a result of one element is required; got ",
             y.shape());
  BackwardRun run;
  run.into_leaves = false;
  for (const Tensor& x : xs) {
    const AutogradMeta* meta = x.needs_grad() ? x.impl()->meta.get() : nullptr;
    BackwardRun::Kept kept{nullptr, 0, nullptr, Tensor()};
    if (meta && meta->leaf) kept.leaf = x.impl();
    if (meta && !meta->leaf) {
      kept.node = meta->node.get();
      kept.output = meta->output;
    }
    run.kept.push_back(kept);
  }
  const Tensor one = Tensor::ones(y.shape(), y.options());
  if (y.needs_grad() && !y.impl()->meta->leaf) walk(y, one, run);
  if (BackwardRun::Kept* itself = run.find(y.impl())) itself->value = one;
  Tensors out;
  // A leaf that is asked for twice is collected once.
  for (const BackwardRun::Kept& each : run.kept)
    out.push_back(each.leaf ? run.find(each.leaf)->value : each.value);
  return out;
}

}  // namespace mien
