#!/usr/bin/env python3
"""Training steps of the networks of examples/fer in PyTorch on a GPU, for bench/gpu.sh.

  torch_gpu.py [--model canonical] [--batch 128] [--steps 50] [--device cuda]

Prints a line of JSON for each way: eager in exact f32, eager with TF32, automatic mixed precision
(bfloat16, channels_last), and the last compiled with CUDA graphs. Time is that of the device, by
events; the batch lies on it. The loss after 20 steps is for a look at whether all do the same work.
"""
import argparse
import json
import statistics
import sys

import torch
from torch import nn

from torch_networks import NETWORKS, SIDES

WAYS = {  # name: TF32, mixed precision, compiled
    "eager fp32": (False, False, False),
    "eager tf32": (True, False, False),
    "amp bf16": (True, True, False),
    "compile fp32": (False, False, True),
    "compile tf32": (True, False, True),
    "compile bf16": (True, True, True),
}


class Training:
    def __init__(self, options, tf32, mixed, compiled):
        torch.manual_seed(0)
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.backends.cudnn.allow_tf32 = tf32  # PyTorch's default is True for convolutions
        torch.backends.cudnn.benchmark = True
        like = torch.channels_last if mixed or compiled else torch.contiguous_format
        self.device, self.mixed = torch.device(options.device), mixed
        self.net = NETWORKS[options.model]().to(self.device, memory_format=like).train()
        self.call = torch.compile(self.net, mode="reduce-overhead") if compiled else self.net
        side = SIDES[options.model]
        self.x = torch.rand(options.batch, 1, side, side, device=self.device).to(memory_format=like)
        self.y = (torch.arange(options.batch) * 5 % 7).to(self.device)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-4, eps=1e-7, fused=True)
        self.criterion = nn.CrossEntropyLoss()

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed):
            loss = self.criterion(self.call(self.x), self.y)
        loss.backward()
        self.optimizer.step()
        return loss


def milliseconds(training, steps):
    times = []
    for _ in range(steps):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        training.step()
        end.record()
        times.append((begin, end))
    torch.cuda.synchronize()
    return [begin.elapsed_time(end) for begin, end in times]


def measure(options, name):
    training = Training(options, *WAYS[name])
    for _ in range(20):
        loss = training.step()
    out = {"way": name, "model": options.model, "batch": options.batch, "loss_20": loss.item()}
    if options.device == "cuda":
        times = milliseconds(training, options.steps)
        low, _, high = statistics.quantiles(times, n=4)
        out.update(ms_median=statistics.median(times), ms_iqr=high - low,
                   peak_mib=torch.cuda.max_memory_allocated() / 2**20)
        torch.cuda.reset_peak_memory_stats()
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", default="canonical", choices=sorted(NETWORKS))
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--steps", type=int, default=50)
    p.add_argument("--device", default="cuda", choices=["cuda", "cpu"],
                   help="cpu: only that the program runs, no times")
    p.add_argument("--ways", default=",".join(WAYS), help="comma list of: " + ", ".join(WAYS))
    options = p.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        sys.exit("torch_gpu.py: this PyTorch finds no CUDA device")
    for name in options.ways.split(","):
        if name not in WAYS:
            sys.exit(f"torch_gpu.py: unknown way '{name}'; there are {', '.join(WAYS)}")
        print(json.dumps(measure(options, name)), flush=True)
    print(json.dumps({"versions": f"PyTorch {torch.__version__}"}))


if __name__ == "__main__":
    main()
