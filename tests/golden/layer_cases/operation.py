import keras
from keras import ops

from .shapes import IMAGE, ROW


class Call(keras.layers.Layer):
    """A function as a layer of several inputs."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, *xs):
        return self.function(*xs)


def unary(function, **named):
    return (Call(lambda x: function(x, **named)), [IMAGE])


CHANNELS = [1.0, -2.0, 0.5, 3.0]
CASES = {
    "op_absolute": unary(ops.absolute), "op_exp": unary(ops.exp), "op_identity": unary(lambda x: x),
    "op_negative": unary(ops.negative), "op_relu6": unary(ops.relu6),
    "op_sigmoid": unary(ops.sigmoid), "op_square": unary(ops.square), "op_tanh": unary(ops.tanh),
    "op_silu": unary(ops.silu), "op_selu": unary(ops.selu), "op_softplus": unary(ops.softplus),
    "op_softsign": unary(ops.soft_sign if not hasattr(ops, "softsign") else ops.softsign),
    "op_hard_sigmoid": unary(ops.hard_sigmoid), "op_hard_silu": unary(ops.hard_silu),
    "op_clip": unary(ops.clip, x_min=-0.5, x_max=0.25),
    "op_leaky_relu": unary(ops.leaky_relu, negative_slope=0.1),
    "op_elu": unary(ops.elu, alpha=0.5), "op_gelu": unary(ops.gelu, approximate=True),
    "op_softmax": unary(ops.softmax, axis=2), "op_log_softmax": unary(ops.log_softmax),
    "op_mean": unary(ops.mean, axis=(1, 2), keepdims=True), "op_sum": unary(ops.sum, axis=-1),
    "op_max": unary(ops.max, axis=1), "op_reshape": unary(ops.reshape, newshape=(-1, 6, 20)),
    "op_transpose": unary(ops.transpose, axes=(0, 3, 1, 2)),
    "op_expand_dims": unary(ops.expand_dims, axis=-1),
    "op_get_item": unary(lambda x: x[:, 1:-1:2, ..., -1]),
    "op_multiply": unary(lambda x: x * 2.0), "op_subtract": unary(lambda x: x - 1.0),
    "op_subtract_from": unary(lambda x: 1.0 - x),
    "op_divide": unary(lambda x: ops.divide(x, CHANNELS)),
    "op_maximum": unary(lambda x: ops.maximum(CHANNELS, x)),
    "op_power": unary(lambda x: ops.power(x, 2.0)),
    "op_add": (Call(ops.add), [IMAGE, (2, 1, 1, 4)]),
    "op_concatenate": (Call(lambda a, b: ops.concatenate([a, b], axis=1)), [IMAGE, (2, 2, 6, 4)]),
    "op_stack": (Call(lambda a, b: ops.stack([a, b], axis=-2)), [ROW, ROW]),
    "op_matmul": (Call(ops.matmul), [IMAGE, (2, 5, 4, 3)]),
}
