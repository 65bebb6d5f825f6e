#pragma once

// All layers and networks.

#include "mien/nn/activation_layers.h"
#include "mien/nn/clone.h"
#include "mien/nn/config.h"
#include "mien/nn/conv.h"
#include "mien/nn/dense.h"
#include "mien/nn/dropout.h"
#include "mien/nn/fusion.h"
#include "mien/nn/graph.h"
#include "mien/nn/initializers.h"
#include "mien/nn/memory_estimate.h"
#include "mien/nn/merge.h"
#include "mien/nn/module.h"
#include "mien/nn/normalization.h"
#include "mien/nn/pooling.h"
#include "mien/nn/predictor.h"
#include "mien/nn/registry.h"
#include "mien/nn/sequential.h"
#include "mien/nn/shape_layers.h"
#include "mien/nn/summary.h"
