#pragma once

#include "kernels/api.h"

// What the files of this folder see of each other: plain functions, in a namespace for each
// instruction set.

namespace mien::cpu::MIEN_ISA {

void axpy(const AxpyArgs&, StreamHandle);

}  // namespace mien::cpu::MIEN_ISA
