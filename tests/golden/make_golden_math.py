"""Values and gradients of the elementwise ops, reductions and softmaxes by PyTorch.

Writes tests/golden/math/*.npy. Inputs are f32; PyTorch computes in f64, results are stored as f32.
Run: python tests/golden/make_golden_math.py (needs numpy and torch). The lists of ops and axes below
are those of tests/ops/math_golden_test.cpp, in the same order.
"""

import pathlib

import numpy as np
import torch
import torch.nn.functional as F

OUT = pathlib.Path(__file__).parent / "math"
random = np.random.default_rng(7)


def save(name, array):
    OUT.mkdir(exist_ok=True)
    np.save(OUT / f"{name}.npy", np.ascontiguousarray(array, dtype=np.float32))


def f32(array):
    return np.asarray(array, dtype=np.float32)


def leaf(array):
    return torch.tensor(array.astype(np.float64), requires_grad=True)


def weights(count):
    """The gradient that comes in: known to the test by the same rule."""
    return torch.tensor([0.5 + 0.25 * (i % 7) for i in range(count)], dtype=torch.float64)


def run(op, *arrays):
    """Flat value and flat gradients of op."""
    leaves = [leaf(a) for a in arrays]
    y = op(*leaves)
    y.backward(weights(y.numel()).reshape(y.shape))
    return [y.detach().numpy().ravel()] + [each.grad.numpy().ravel() for each in leaves]


UNARY = [
    torch.neg, torch.exp, torch.square, torch.abs, torch.sign, torch.reciprocal,
    lambda x: torch.pow(x, 3), lambda x: torch.clamp(x, -0.5, 0.75), torch.relu,
    lambda x: F.leaky_relu(x, 0.2), lambda x: F.elu(x, 1.0), lambda x: F.elu(x, 1.5), F.selu, F.gelu,
    lambda x: F.gelu(x, approximate="tanh"), F.silu, torch.sigmoid, F.hardsigmoid, torch.tanh,
    F.softplus,
]
POSITIVE = [torch.log, torch.sqrt, lambda x: torch.pow(x, 2.5), lambda x: torch.pow(x, -0.5)]
BINARY = [torch.add, torch.sub, torch.mul, torch.div, torch.pow, torch.minimum, torch.maximum]
AXES = [(0, 1, 2, 3), (0,), (3,), (1, 2), (0, 2), (0, 1, 2), (1, 3)]
REDUCTIONS = [
    torch.sum, torch.mean,
    lambda x, axes: torch.var(x, axes, unbiased=False),
    lambda x, axes: torch.var(x, axes, unbiased=True),
    torch.amax, torch.amin,
]


def unary(name, ops, x):
    save(f"{name}_x", x)
    save(name, [part for op in ops for part in run(op, x)])


# Kinks, ties and far tails stand among the random values.
x = f32(np.concatenate([[3, -3, -0.5, 0.75, 20, -20, 40, -40, 1e-4, -1e-4], random.normal(0, 2, 54)]))
unary("unary", UNARY, x)
unary("positive", POSITIVE, f32(random.uniform(0.1, 5, 48)))
# Where the derivative jumps at 0; reciprocal is left out.
save("at_zero", [run(op, f32([0.0]))[1][0] for op in UNARY if op is not torch.reciprocal])

a = f32(random.uniform(0.5, 2, (4, 3, 5)))
b = f32(random.uniform(0.5, 2, (3, 1)))
a[1] = b  # ties
save("binary_a", a)
save("binary_b", b)
save("binary", np.concatenate([part for op in BINARY for part in run(op, a, b)]))

x = f32(np.round(random.normal(0, 2, (3, 4, 5, 2))) * 0.5)  # many ties
save("reduce_x", x)
save("reduce", np.concatenate([
    part for op in REDUCTIONS for axes in AXES for part in run(lambda v: op(v, axes), x)]))

x = f32(random.normal(0, 4, (3, 4, 5)))
x[0, 0] += 80
save("softmax_x", x)
save("softmax", [part for op in (torch.softmax, torch.log_softmax) for axis in range(3)
                 for part in run(lambda v: op(v, axis), x)])
