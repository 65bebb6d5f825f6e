#pragma once

#include <memory>
#include <string>

#include "mien/nn/graph.h"
#include "mien/nn/sequential.h"

namespace fer {

/// The expression CNN of the Kaggle notebooks, for 48 x 48 x 1: four blocks of convolution (64 3x3,
/// 128 5x5, 512 3x3, 512 3x3), batch normalization, ReLU, pooling and dropout, then dense layers of
/// 256 and 512. 4,478,727 parameters. Unbuilt.
mien::nn::Sequential canonical(int classes);

/// A small VGG for short runs: 3x3 convolutions only (32, 64, 128, 256, two each), global average
/// pooling. About 1.2 million parameters. Unbuilt.
mien::nn::Sequential small(int classes);

/// ResNet-18 (He et al., 2016) in its form for small images, of any size: a 3x3 stem without
/// pooling, stages of two basic blocks with 64, 128, 256 and 512 filters, the last three halving
/// the image, where a 1x1 projection takes the place of the identity; global average pooling. No
/// convolution has a bias. 11,171,271 trained numbers for 7 classes. input: such as {44, 44, 1}.
mien::nn::Graph resnet18(const mien::Shape& input, int classes);

/// The network of that name that fer_train trains: canonical or small. Throws ValueError for an
/// unknown one.
mien::nn::Sequential network(const std::string& name, int classes);

/// Side of the images that a network is measured with: 44 for resnet18, 48 for the others.
int image_side(const std::string& name);

/// Any of the networks, built for grey images of that side. Throws ValueError for an unknown one.
std::unique_ptr<mien::nn::Module> built_network(const std::string& name, int classes);

}  // namespace fer
