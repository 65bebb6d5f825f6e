#pragma once

// All ops: functions on tensors, each with its gradient.

#include "mien/ops/activations.h"
#include "mien/ops/batch_norm.h"
#include "mien/ops/conv2d.h"
#include "mien/ops/conv2d_transpose.h"
#include "mien/ops/dropout.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/layer_norm.h"
#include "mien/ops/losses.h"
#include "mien/ops/matmul.h"
#include "mien/ops/movement.h"
#include "mien/ops/padding.h"
#include "mien/ops/pool.h"
#include "mien/ops/reduce.h"
#include "mien/ops/upsample.h"
#include "mien/ops/warp.h"
