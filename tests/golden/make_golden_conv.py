"""Writes tests/golden/conv/*.npy with PyTorch: python make_golden_conv.py (in this folder).

Arrays are in mien's layouts, NHWC and HWIO; PyTorch's are NCHW and OIHW, so they are transposed.
"""
import os

import numpy as np
import torch
import torch.nn.functional as F

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "conv")
torch.manual_seed(7)


def save(name, tensor):
    array = tensor.detach().numpy()
    np.save(os.path.join(OUT, name + ".npy"), np.ascontiguousarray(array))


def random(*shape):
    return (torch.rand(*shape) * 2 - 1).requires_grad_()


def nhwc(tensor):
    return tensor.permute(0, 2, 3, 1)


def hwio(tensor):
    return tensor.permute(2, 3, 1, 0)


def dense():
    x, w, b = random(5, 19), random(19, 7), random(7)
    y = x @ w + b
    dy = torch.rand(y.shape) * 2 - 1
    y.backward(dy)
    for name, value in dict(x=x, w=w, b=b, y=y, dy=dy, dx=x.grad, dw=w.grad, db=b.grad).items():
        save("dense_" + name, value)


def conv(name, x_shape, w_shape, pad, **options):
    """pad: left, right, top, bottom."""
    x, w, b = random(*x_shape), random(*w_shape), random(w_shape[0])
    y = F.conv2d(F.pad(x, pad), w, b, **options)
    dy = torch.rand(y.shape) * 2 - 1
    y.backward(dy)
    for key, value in dict(x=nhwc(x), w=hwio(w), b=b, y=nhwc(y), dy=nhwc(dy), dx=nhwc(x.grad),
                           dw=hwio(w.grad), db=b.grad).items():
        save(f"{name}_{key}", value)


def transpose(name, x_shape, w_shape, **options):
    """w_shape: C, OC / groups, KH, KW, as PyTorch has it."""
    x, w = random(*x_shape), random(*w_shape)
    b = random(w_shape[1] * options.get("groups", 1))
    y = F.conv_transpose2d(x, w, b, **options)
    dy = torch.rand(y.shape) * 2 - 1
    y.backward(dy)
    for key, value in dict(x=nhwc(x), w=hwio(w), b=b, y=nhwc(y),
                           dy=nhwc(dy), dx=nhwc(x.grad),
                           dw=hwio(w.grad), db=b.grad).items():
        save(f"{name}_{key}", value)


def pool(name, function, x_shape):
    x = random(*x_shape)
    y = function(x)
    dy = torch.rand(y.shape) * 2 - 1
    y.backward(dy)
    for key, value in dict(x=nhwc(x), y=nhwc(y), dy=nhwc(dy), dx=nhwc(x.grad)).items():
        save(f"{name}_{key}", value)


def main():
    os.makedirs(OUT, exist_ok=True)
    dense()
    conv("same3x3", (2, 3, 7, 6), (5, 3, 3, 3), (1, 1, 1, 1))
    # Keras's "same" with stride 2 on an even size: one row and column, after.
    conv("same_stride2", (2, 2, 8, 6), (4, 2, 3, 3), (0, 1, 0, 1), stride=2)
    conv("dilated", (1, 2, 9, 8), (3, 2, 3, 3), (0, 0, 0, 0), dilation=2)
    conv("grouped", (2, 4, 6, 6), (6, 2, 3, 3), (1, 1, 1, 1), groups=2)
    conv("depthwise", (2, 3, 6, 5), (6, 1, 3, 3), (1, 1, 1, 1), groups=3)
    pool("max", lambda x: F.max_pool2d(x, 2), (2, 3, 6, 7))
    pool("max_overlap", lambda x: F.max_pool2d(x, 3, stride=2), (1, 2, 9, 7))
    pool("avg", lambda x: F.avg_pool2d(x, 2), (2, 3, 6, 7))
    pool("max_same", lambda x: F.max_pool2d(x, 3, stride=1, padding=1), (1, 2, 5, 4))
    pool("avg_same", lambda x: F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False),
         (1, 2, 5, 4))
    pool("nearest", lambda x: F.interpolate(x, scale_factor=(2, 3), mode="nearest"), (1, 2, 3, 4))
    pool("bilinear", lambda x: F.interpolate(x, scale_factor=(2, 3), mode="bilinear",
                                             align_corners=False), (1, 2, 3, 4))
    transpose("transpose", (2, 3, 4, 5), (3, 4, 3, 2), stride=(2, 1))
    transpose("transpose_padded", (1, 2, 4, 3), (2, 3, 4, 3), stride=(3, 2), padding=(1, 2),
              output_padding=(2, 1))
    transpose("transpose_grouped", (2, 4, 3, 4), (4, 3, 3, 3), groups=2, dilation=(2, 1))


main()
