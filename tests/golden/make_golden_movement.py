"""Values and gradients of the movement ops and of matmul by PyTorch.

Writes tests/golden/movement/*.npy: CASE.npy holds the flat value followed by the flat gradients of
the inputs. Inputs are small integers of a fixed rule, so all results are exact in f32.
Run: python tests/golden/make_golden_movement.py (needs numpy and torch). The cases are those of
tests/ops/movement_golden_test.cpp, by name.
"""

import pathlib

import numpy as np
import torch
import torch.nn.functional as F

OUT = pathlib.Path(__file__).parent / "movement"


def ramp(*shape, start=1):
    """Element i is (start + 5 i) mod 17 - 8: known to the test by the same rule."""
    count = int(np.prod(shape))
    values = [(start + 5 * i) % 17 - 8 for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape).requires_grad_()


def weights(count):
    return torch.tensor([1 + i % 5 for i in range(count)], dtype=torch.float64)


def case(name, op, *leaves):
    y = op(*leaves)
    y.backward(weights(y.numel()).reshape(y.shape))
    parts = [y.detach().numpy().ravel()] + [each.grad.numpy().ravel() for each in leaves]
    np.save(OUT / f"{name}.npy", np.concatenate(parts).astype(np.float32))


OUT.mkdir(exist_ok=True)
case("transpose", lambda x: x.permute(2, 0, 1), ramp(2, 3, 4))
case("flip", lambda x: x.flip((0, 2)), ramp(2, 3, 4))
case("broadcast_to", lambda x: x.expand(4, 2, 3), ramp(2, 1))
case("slice", lambda x: x[:, 1:6:2], ramp(3, 7, 2))
case("pad", lambda x: F.pad(x, (1, 2, 0, 3), value=1.5), ramp(2, 3, 4))
case("concatenate", lambda a, b: torch.cat((a, b), 1), ramp(2, 3, 2), ramp(2, 1, 2, start=4))
case("stack", lambda a, b: torch.stack((a, b), 1), ramp(2, 3), ramp(2, 3, start=4))
case("gather", lambda x: x[:, torch.tensor([[2, 0], [2, 1]])], ramp(2, 3, 2))
case("matmul", torch.matmul, ramp(3, 4), ramp(4, 2, start=3))
case("matmul_transposed", lambda a, b: a.T @ b.T, ramp(4, 3), ramp(2, 4, start=3))
case("matmul_batched", torch.matmul, ramp(5, 3, 4), ramp(5, 4, 2, start=3))
case("matmul_one_for_all", lambda a, b: a @ b.mT, ramp(2, 5, 3, 4), ramp(2, 4, start=3))
