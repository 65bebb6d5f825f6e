#!/usr/bin/env python3
"""Values of PyTorch for normalization and losses -> norm/*.npy (f64). Usage: make_golden_norm.py"""
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

OUT = pathlib.Path(__file__).parent / "norm"
random = np.random.default_rng(7)


def leaf(*shape, low=-2.0, high=2.0):
    return torch.tensor(random.uniform(low, high, shape), requires_grad=True)


def save(prefix, **arrays):
    OUT.mkdir(exist_ok=True)
    for name, value in arrays.items():
        np.save(OUT / f"{prefix}_{name}.npy", value.detach().numpy())


def norms():
    # [N, H, W, C] with means far from zero in some channels
    x = torch.tensor(random.uniform(-1, 1, (3, 2, 5, 6)) * [1, 2, .1, 1, 5, 1] + [0, 30, 1, -4, 0, 2],
                     requires_grad=True)
    gamma, beta = leaf(6), leaf(6)
    dy = torch.tensor(random.uniform(-1, 1, x.shape))
    save("input", x=x, gamma=gamma, beta=beta, dy=dy)

    rows = x.reshape(-1, 6)
    y = F.batch_norm(rows, None, None, gamma, beta, training=True, eps=1e-3)
    dx, dgamma, dbeta = torch.autograd.grad(y, (x, gamma, beta), dy.reshape(-1, 6))
    save("batch", y=y.reshape(x.shape), dx=dx, dgamma=dgamma, dbeta=dbeta, mean=rows.mean(0),
         variance=rows.var(0, unbiased=False))

    mean, variance = leaf(6), leaf(6, low=.5)
    y = F.batch_norm(rows, mean.detach(), variance.detach(), gamma, beta, training=False, eps=1e-3)
    dx, dgamma, dbeta = torch.autograd.grad(y, (x, gamma, beta), dy.reshape(-1, 6))
    save("fixed", mean=mean, variance=variance, y=y.reshape(x.shape), dx=dx, dgamma=dgamma,
         dbeta=dbeta)

    y = F.layer_norm(x, (6,), gamma, beta, eps=1e-3)
    dx, dgamma, dbeta = torch.autograd.grad(y, (x, gamma, beta), dy)
    save("layer", y=y, dx=dx, dgamma=dgamma, dbeta=dbeta)


def losses():
    """Each file holds [N, 1 + C]: the losses, then the gradients of their sum to the predictions."""
    n, c = 5, 7
    logits = leaf(n, c, low=-3, high=3)
    labels = torch.tensor(random.integers(0, c, n))
    soft = torch.softmax(torch.tensor(random.uniform(-1, 1, (n, c))), 1)
    bits = torch.tensor(random.integers(0, 2, (n, c)).astype(float))
    class_weight = torch.tensor(random.uniform(.5, 2, c))
    raw = leaf(n, c, low=.05, high=.95)  # probabilities, rows not of sum 1
    save("loss", logits=logits, labels=labels, soft=soft, bits=bits, class_weight=class_weight,
         raw=raw)

    def case(name, x, loss):
        (dx,) = torch.autograd.grad(loss.sum(), x)
        save("loss", **{name: torch.cat((loss[:, None], dx), 1)})

    none = {"reduction": "none"}
    case("sparse", logits, F.cross_entropy(logits, labels, weight=class_weight, **none))
    case("smooth", logits, F.cross_entropy(logits, labels, label_smoothing=.1, **none))
    case("categorical", logits, F.cross_entropy(logits, soft, **none))
    normal = raw / raw.sum(1, keepdim=True)
    case("probability", raw, -(soft * normal.log()).sum(1))
    case("binary_logits", logits,
         F.binary_cross_entropy_with_logits(logits, bits, **none).mean(1))
    case("binary", raw, F.binary_cross_entropy(raw, bits * .9 + .05, **none).mean(1))  # smoothed .1
    case("mse", logits, F.mse_loss(logits, soft, **none).mean(1))
    case("mae", logits, F.l1_loss(logits, soft, **none).mean(1))
    case("huber", logits, F.huber_loss(logits, soft, delta=.7, **none).mean(1))
    case("kl", raw, F.kl_div(raw.log(), soft, **none).sum(1))


norms()
losses()
