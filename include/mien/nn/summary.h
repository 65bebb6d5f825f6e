#pragma once

#include <cstdint>
#include <string>

#include "mien/nn/graph.h"
#include "mien/nn/memory_estimate.h"
#include "mien/nn/sequential.h"

namespace mien::nn {

/// Numbers of single weights.
struct ParameterCount {
  std::int64_t trainable = 0;
  std::int64_t non_trainable = 0;  // frozen ones and moving statistics, as in Keras
  /// Of both kinds.
  std::int64_t total() const { return trainable + non_trainable; }
};
/// Of a module and all inside it.
ParameterCount count_parameters(const Module& module);

/// The table that Keras's summary() prints where the output is no terminal: layers, output shapes,
/// numbers of parameters (a Graph: what each is connected to), and the totals with their size in
/// memory. Lines end in '\n'. Throws ValueError where the model is not built.
/// ```cpp
/// nn::Sequential model{nn::Dense(3)};
/// model.build({4});
/// const std::string table = nn::summary(model);
/// const auto weights = nn::count_parameters(model).total();  // 15
/// ```
std::string summary(const Sequential& model);
std::string summary(const Graph& model);
/// The same with the memory that training and inference will need (estimate_memory()), and what
/// all tensors took so far (memory_stats()).
/// ```cpp
/// const std::string with_memory = nn::summary(model, {.batch = 128});
/// ```
std::string summary(const Sequential& model, const MemoryOptions& options);
std::string summary(const Graph& model, const MemoryOptions& options);

}  // namespace mien::nn
