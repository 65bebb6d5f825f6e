#pragma once

#include "kernels/api.h"

namespace mien::cpu::MIEN_ISA {

/// Products of a few rows read c once and do little with it: they are made at the speed of memory,
/// without packing.
bool has_few_rows(const GemmArgs&);
std::size_t few_rows_scratch(const GemmArgs&);
void multiply_few_rows(const GemmArgs&);

}  // namespace mien::cpu::MIEN_ISA
