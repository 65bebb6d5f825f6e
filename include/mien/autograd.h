#pragma once

#include <cstdint>
#include <initializer_list>
#include <new>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include "mien/base/few.h"
#include "mien/base/ref.h"
#include "mien/tensor.h"

// Reverse-mode differentiation. An op computes its result, then attaches to it a plain struct that
// knows its backward:
//
// ```cpp
// struct CubeGrad {
//   static constexpr const char* name = "cube";
//   SavedTensor x;
//   void backward(const GradIn& dy, GradOut& dx) {
//     const Tensor v = x.unpack();
//     dx.add(0, 3.0 * v * v * dy[0]);
//   }
// };
// Tensor cube(const Tensor& x) {
//   Tensor y;
//   {
//     NoGradGuard quiet;  // the steps inside are not recorded one by one
//     y = x * x * x;
//   }
//   return attach(y, {x}, CubeGrad{x});
// }
// ```

namespace mien {

class Storage;
void retain(Storage*);
void release(Storage*);
struct Node;
void retain(Node*);
void release(Node*);

/// Whether ops on this thread record their history (true at first).
bool grad_enabled();

/// Switches recording off for its lifetime, on this thread.
class NoGradGuard {
 public:
  NoGradGuard();
  ~NoGradGuard();
  NoGradGuard(const NoGradGuard&) = delete;
  NoGradGuard& operator=(const NoGradGuard&) = delete;

 private:
  bool before_;
};

/// What an op keeps for its backward: the bytes, not the tensor, so that an op may keep its own
/// output without owning itself.
class SavedTensor {
 public:
  SavedTensor() = default;
  /// Throws nothing; tensor must be defined.
  SavedTensor(const Tensor& tensor);
  /// False for one made without a tensor.
  bool defined() const { return bool(storage_); }
  /// The saved tensor, without history. Throws ValueError where its bytes were modified since.
  Tensor unpack() const;
  /// Its bytes, checked as by unpack().
  const void* raw() const;
  /// Of the tensor that was saved.
  const Shape& shape() const { return shape_; }

 private:
  Ref<Storage> storage_;
  std::size_t offset_ = 0;
  Shape shape_;
  DType dtype_ = DType::f32;
  std::uint32_t version_ = 0;
};

/// Gradients of an op's outputs, as backward() receives them.
class GradIn {
 public:
  /// One for each output, undefined where nobody used it. Made by the engine.
  explicit GradIn(std::span<const Tensor> gradients) : gradients_(gradients) {}
  /// False for an output that nobody used.
  bool has(int output = 0) const { return gradients_[std::size_t(output)].defined(); }
  /// The gradient of an output, of its shape.
  const Tensor& operator[](int output) const { return gradients_[std::size_t(output)]; }
  /// Its bytes, for kernels.
  const void* raw(int output = 0) const { return (*this)[output].raw(); }

 private:
  std::span<const Tensor> gradients_;
};

/// Where one input's gradient goes: write beta * old + new.
struct GradSlot {
  Tensor grad{};
  double beta = 0.0;
  /// The bytes to write to, for kernels.
  void* raw() const { return grad.raw(); }
};

struct BackwardRun;

/// Gradients of an op's inputs, as backward() delivers them.
class GradOut {
 public:
  /// Made by the engine.
  GradOut(Node& node, BackwardRun& run) : node_(node), run_(run) {}
  /// Whether anyone waits for the gradient of this input.
  bool wants(int input) const;
  /// The input's shape.
  const Shape& shape(int input) const;
  /// The buffer for it, of the input's shape: the leaf's own, or one shared by the uses of an
  /// interior tensor.
  GradSlot into(int input);
  /// Hands over a finished gradient of the input's shape and dtype; copies nothing where it is the
  /// first of an interior tensor. Does nothing where the input does not want one. Throws ShapeError
  /// or DTypeError where it does not fit.
  void add(int input, const Tensor& gradient);
  /// True where dy may be overwritten and become the gradient of this input (an interior input's
  /// first gradient and nobody else holds dy's bytes): the op then writes in place, into(input) is
  /// not called.
  bool reuse(int input, const Tensor& dy);
  /// Asked once the input's gradient is to be written to a buffer with beta 0: the gradient of the
  /// bias that was added by the op which computed the input. It is the sum of the input's gradient
  /// over all axes but the last, which this op may have on its way, where a pass of its own would
  /// read all of the gradient again. This op writes it then, and the other one does not. Undefined
  /// where there is none, nobody waits for it or another op has a share in the input's gradient.
  GradSlot bias_of(int input);

 private:
  Node& node_;
  BackwardRun& run_;
};

/// One recorded op. Made by attach().
struct Node {
  struct Edge {
    Ref<Node> node;        // the op that computed the input
    Ref<TensorImpl> leaf;  // or the leaf it is; neither for an input without gradient
    std::uint32_t output = 0;
    Shape shape;
    TensorOptions options{};
  };

  virtual ~Node();
  /// Gradients of the inputs from those of the outputs.
  virtual void backward(const GradIn& dy, GradOut& dx) = 0;
  /// Drops what was saved.
  virtual void forget() = 0;
  /// The op's name, for messages.
  virtual const char* name() const = 0;

  std::uint32_t refs = 0;  // through std::atomic_ref
  std::uint32_t n_edges = 0;
  std::uint64_t seq = 0;    // order of recording
  std::uint64_t mark = 0;   // the last backward that met this node
  std::uint32_t users = 0;  // edges to it of ops which that backward has still to run
  std::int32_t bias = -1;   // the input that is a bias: see adds_bias()
  std::size_t bytes = 0;    // of the block that holds the node and its edges
  Edge* edges = nullptr;
  Node* next_released = nullptr;  // while nobody holds it any more
  Few<Tensor, 2> gradients;       // of the outputs, during a backward
  bool spent = false;
  std::uint32_t layer = 0;  // that recorded it, for the profile
};

/// The node of one op: Op is a plain aggregate with a name and backward(const GradIn&, GradOut&).
template <class Op>
struct OpNode final : Node {
  explicit OpNode(Op o) : op(std::move(o)) {}
  void backward(const GradIn& dy, GradOut& dx) override { op->backward(dy, dx); }
  void forget() override { op.reset(); }
  const char* name() const override { return Op::name; }
  std::optional<Op> op;
};

/// Whether a result of these inputs would be recorded: grad mode is on and one of them needs a
/// gradient.
bool needs_node(std::span<const Tensor> inputs);
inline bool needs_node(std::initializer_list<Tensor> inputs) {
  return needs_node(std::span<const Tensor>(inputs.begin(), inputs.size()));
}

namespace detail {
void* take_node_block(std::size_t node_bytes, std::size_t inputs, std::size_t& bytes);
void link_node(Node* node, std::span<Tensor> outputs, std::span<const Tensor> inputs);
}  // namespace detail

/// Records op as the origin of outputs, computed from inputs. Does nothing where no input needs a
/// gradient or grad mode is off.
template <class Op>
void attach(std::span<Tensor> outputs, std::span<const Tensor> inputs, Op op) {
  if (!needs_node(inputs)) return;
  std::size_t bytes = 0;
  void* block = detail::take_node_block(sizeof(OpNode<Op>), inputs.size(), bytes);
  Node* node = new (block) OpNode<Op>(std::move(op));
  node->bytes = bytes;
  detail::link_node(node, outputs, inputs);
}
template <class Op>
Tensor attach(Tensor& output, std::initializer_list<Tensor> inputs, Op op) {
  attach(std::span<Tensor>(&output, 1), std::span<const Tensor>(inputs.begin(), inputs.size()),
         std::move(op));
  return output;
}
template <class Op>
Tensor attach(Tensor& output, std::span<const Tensor> inputs, Op op) {
  attach(std::span<Tensor>(&output, 1), inputs, std::move(op));
  return output;
}

/// Gradients of the one-element tensor y with respect to any tensors it was computed from, leaves
/// or not (as torch.autograd.grad). Leaves' own grad() stays untouched. A tensor that y does not
/// depend on gives an undefined Tensor. Throws ShapeError where y has more than one element.
Tensors grad(const Tensor& y, std::span<const Tensor> xs);
inline Tensors grad(const Tensor& y, std::initializer_list<Tensor> xs) {
  return grad(y, std::span<const Tensor>(xs.begin(), xs.size()));
}

}  // namespace mien
