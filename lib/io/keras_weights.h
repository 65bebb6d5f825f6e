#pragma once

#include <string>
#include <vector>

#include "lib/io/hdf5_file.h"
#include "lib/io/keras_layers.h"
#include "mien/tensor.h"

namespace mien::io {

/// Weights read from a file, each with the one of the model that it is for.
struct WeightCopy {
  Tensor to{}, from{};
};
/// Once everything fits.
void fill(const std::vector<WeightCopy>& copies);

/// Weights of Keras's HDF5 format, below /model_weights or, in files of weights alone, below /; or
/// in the layout of .keras files, which Keras 3's .weights.h5 have. Throws IoError naming the file
/// and each weight that is missing, in excess or of another shape.
std::vector<WeightCopy> read_weights(const Hdf5File& file, const KerasLayer& model,
                                     const std::string& path);

/// What Keras loads by order.
void write_weights_by_name(Hdf5File& file, const KerasLayer& model, const std::string& version);
/// Keras 3's own layout.
void write_weights_by_class(Hdf5File& file, const KerasLayer& model);

/// A layer's weights in Keras's order, those of the layers inside among them: the trained ones,
/// then layer by layer the frozen ones and the statistics. Names are paths in the layer.
std::vector<NamedTensor> keras_weights(const KerasLayer& layer);

}  // namespace mien::io
