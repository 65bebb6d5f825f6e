#!/usr/bin/env python3
"""Ten training steps of a small convolution network in PyTorch -> tests/golden/steps/*.npy.

Network: conv 3x3 same - ReLU - conv 3x3 same - batch norm - ReLU - max pool 2 - flatten - dense 3 -
softmax cross-entropy, in NHWC. The convolution before batch norm has no bias: its gradient would be 0
but for rounding, of which Adam makes whole steps. Batch norm with Keras's epsilon and biased moving variance; the optimizers
where Keras's formulas differ from PyTorch's (Adam's epsilon, RMSprop's) by hand over autograd.

usage: python3 make_golden_steps.py
"""
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

OUT = Path(__file__).parent / "steps"
STEPS, BATCH, SIZE, CHANNELS, FILTERS, CLASSES = 10, 8, 8, 2, 4, 3


def initial_weights(rng):
    pooled = (SIZE // 2) ** 2 * FILTERS
    return {
        "kernel": rng.normal(0, 0.3, (3, 3, CHANNELS, FILTERS)),
        "bias": rng.normal(0, 0.1, FILTERS),
        "second_kernel": rng.normal(0, 0.3, (3, 3, FILTERS, FILTERS)),
        "gamma": rng.uniform(0.5, 1.5, FILTERS),
        "beta": rng.normal(0, 0.1, FILTERS),
        "dense_kernel": rng.normal(0, 0.2, (pooled, CLASSES)),
        "dense_bias": rng.normal(0, 0.1, CLASSES),
    }


def loss_of(w, moving, x, y):
    first, second = (w[k].permute(3, 2, 0, 1) for k in ("kernel", "second_kernel"))
    h = F.relu(F.conv2d(x.permute(0, 3, 1, 2), first, w["bias"], padding=1))
    h = F.conv2d(h, second, padding=1)
    with torch.no_grad():
        for name, now in (("mean", h.mean((0, 2, 3))), ("variance", h.var((0, 2, 3), False))):
            moving[name].mul_(0.99).add_(0.01 * now)
    h = F.batch_norm(h, None, None, w["gamma"], w["beta"], training=True, eps=1e-3)
    h = F.max_pool2d(F.relu(h), 2).permute(0, 2, 3, 1).flatten(1)
    return F.cross_entropy(h @ w["dense_kernel"] + w["dense_bias"], y)


class KerasAdam:
    def __init__(self, weights, lr, b1=0.9, b2=0.999, eps=1e-7):
        self.weights, self.lr, self.b1, self.b2, self.eps, self.t = weights, lr, b1, b2, eps, 0
        self.m = [torch.zeros_like(w) for w in weights]
        self.v = [torch.zeros_like(w) for w in weights]

    def step(self):
        self.t += 1
        alpha = self.lr * (1 - self.b2**self.t) ** 0.5 / (1 - self.b1**self.t)
        for w, m, v in zip(self.weights, self.m, self.v):
            m.add_((w.grad - m) * (1 - self.b1))
            v.add_((w.grad**2 - v) * (1 - self.b2))
            w.data.sub_(alpha * m / (v.sqrt() + self.eps))


class KerasRMSprop:
    def __init__(self, weights, lr, rho=0.9, eps=1e-7):
        self.weights, self.lr, self.rho, self.eps = weights, lr, rho, eps
        self.v = [torch.zeros_like(w) for w in weights]

    def step(self):
        for w, v in zip(self.weights, self.v):
            v.mul_(self.rho).add_((1 - self.rho) * w.grad**2)
            w.data.sub_(self.lr * w.grad / (v + self.eps).sqrt())


OPTIMIZERS = {
    "adam": lambda w: KerasAdam(w, 0.01),
    "sgd": lambda w: torch.optim.SGD(w, 0.05, momentum=0.9, nesterov=True),
    "rmsprop": lambda w: KerasRMSprop(w, 0.01),
}


def main():
    rng = np.random.default_rng(11)
    OUT.mkdir(exist_ok=True)
    x = rng.normal(0, 1, (STEPS * BATCH, SIZE, SIZE, CHANNELS)).astype(np.float32)
    y = rng.integers(0, CLASSES, STEPS * BATCH)
    start = {k: v.astype(np.float32) for k, v in initial_weights(rng).items()}
    np.save(OUT / "x.npy", x)
    np.save(OUT / "y.npy", y.astype(np.int32))
    np.save(OUT / "start.npy", np.concatenate([v.ravel() for v in start.values()]))
    for name, make in OPTIMIZERS.items():
        w = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in start.items()}
        moving = {"mean": torch.zeros(FILTERS).double(), "variance": torch.ones(FILTERS).double()}
        optimizer, losses = make(list(w.values())), []
        for step in range(STEPS):
            rows = slice(step * BATCH, (step + 1) * BATCH)
            for each in w.values():
                each.grad = None
            loss = loss_of(w, moving, torch.tensor(x[rows]).double(), torch.tensor(y[rows]))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        end = [each.detach().numpy().ravel() for each in (*w.values(), *moving.values())]
        np.save(OUT / f"{name}.npy", np.concatenate(end))
        np.save(OUT / f"{name}_losses.npy", np.array(losses))


if __name__ == "__main__":
    main()
