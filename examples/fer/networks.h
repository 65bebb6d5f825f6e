#pragma once

#include <string>

#include "mien/nn/sequential.h"

namespace fer {

/// The expression CNN of the Kaggle notebooks, for 48 x 48 x 1: four blocks of convolution (64 3x3,
/// 128 5x5, 512 3x3, 512 3x3), batch normalization, ReLU, pooling and dropout, then dense layers of
/// 256 and 512. 4,478,727 parameters. Unbuilt.
mien::nn::Sequential canonical(int classes);

/// A small VGG for short runs: 3x3 convolutions only (32, 64, 128, 256, two each), global average
/// pooling. About 1.2 million parameters. Unbuilt.
mien::nn::Sequential small(int classes);

/// The network of that name. Throws ValueError for an unknown one.
mien::nn::Sequential network(const std::string& name, int classes);

}  // namespace fer
