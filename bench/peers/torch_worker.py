#!/usr/bin/env python3
"""The benchmarks' work in PyTorch, for bench/compare.py.

  torch_worker.py THREADS           serves commands:
      step MODEL BATCH train|predict nchw|channels_last|compile N
      conv BATCH SIDE CHANNELS FILTERS SIZE forward|grad_x|grad_w nchw|channels_last N
      gemm M N K N
      threads T
      forget
      versions
  torch_worker.py THREADS once MODEL BATCH LAYOUT N   N training steps in this fresh process
"""
import json
import sys

import torch
from torch import nn

import worker
from torch_networks import NETWORKS, SIDES

LAYOUTS = ("nchw", "channels_last", "compile")
kept = {}  # what the jobs of one comparison use again


def keep(key, make):
    if key not in kept:
        kept[key] = make()
    return kept[key]


class Step:
    def __init__(self, model, batch, layout):
        if layout not in LAYOUTS:
            raise ValueError(f"unknown layout {layout}")
        torch.manual_seed(0)
        self.memory_format = torch.contiguous_format if layout == "nchw" else torch.channels_last
        self.net = NETWORKS[model]().to(memory_format=self.memory_format)
        self.call = torch.compile(self.net, dynamic=False) if layout == "compile" else self.net
        side = SIDES[model]
        self.x = torch.rand(batch, 1, side, side).to(memory_format=self.memory_format)
        self.y = torch.arange(batch) * 5 % 7
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-4, eps=1e-7)
        self.loss = nn.CrossEntropyLoss()

    def train(self):
        self.net.train()
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.call(self.x), self.y)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def predict(self):
        self.net.eval()
        with torch.inference_mode():
            return self.call(self.x).softmax(1)


def step(model, batch, mode, layout, n):
    made = (model, batch, layout) in kept
    work = keep((model, batch, layout), lambda: Step(model, int(batch), layout))
    run = work.train if mode == "train" else work.predict
    if not made:
        run()  # compiles, allocates
    return {"ms": worker.milliseconds(run, int(n))}


class Conv:
    def __init__(self, batch, side, channels, filters, size, layout):
        like = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        self.x = torch.rand(batch, channels, side, side).to(memory_format=like)
        self.w = torch.rand(filters, channels, size, size).to(memory_format=like)
        self.y = torch.rand(batch, filters, side, side).to(memory_format=like)
        self.padding = size // 2

    def forward(self):
        with torch.inference_mode():
            nn.functional.conv2d(self.x, self.w, padding=self.padding)

    def backward(self, wanted):
        torch.ops.aten.convolution_backward(self.y, self.x, self.w, None, [1, 1],
                                            [self.padding] * 2, [1, 1], False, [0, 0], 1, wanted)

    def grad_x(self):
        self.backward([True, False, False])

    def grad_w(self):
        self.backward([False, True, False])


def conv(batch, side, channels, filters, size, direction, layout, n):
    key = (batch, side, channels, filters, size, layout)
    work = getattr(keep(key, lambda: Conv(*map(int, key[:-1]), layout)), direction)
    if (key, direction) not in kept:
        kept[(key, direction)] = work()  # packs its weights
    return {"ms": worker.milliseconds(work, int(n))}


def gemm(m, n, k, repetitions):
    m, n, k = int(m), int(n), int(k)
    a, b, out = keep(("gemm", m, n, k),
                     lambda: (torch.rand(m, k), torch.rand(k, n), torch.empty(m, n)))
    return {"ms": worker.milliseconds(lambda: torch.mm(a, b, out=out), int(repetitions))}


def forget():
    kept.clear()
    return {}


def threads(n):
    torch.set_num_threads(int(n))
    return {}


def versions():
    return {"versions": f"PyTorch {torch.__version__}",
            "instruction_set": torch.backends.cpu.get_cpu_capability()}


def once(model, batch, layout, n):
    work = Step(model, int(batch), layout)
    work.train()
    first = worker.seconds_since_start()
    for _ in range(int(n) - 1):
        work.train()
    return {"first_step_s": first, "peak_rss_mib": worker.peak_rss_mib()}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    torch.set_num_threads(int(sys.argv[1]))
    if sys.argv[2:3] == ["once"]:
        print(json.dumps(once(*sys.argv[3:])))
        return
    worker.serve({"step": step, "conv": conv, "gemm": gemm, "threads": threads,
                  "forget": forget, "versions": versions}, worker.only_answers())


if __name__ == "__main__":
    main()
