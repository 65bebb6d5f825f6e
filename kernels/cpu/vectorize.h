#pragma once

// Before a loop whose pointers may be equal (work in place) but never partly overlap: element i is
// read before it is written, so the loop may be vectorized.
#if defined(__clang__)
#define MIEN_IN_PLACE_LOOP _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define MIEN_IN_PLACE_LOOP _Pragma("GCC ivdep")
#else
#define MIEN_IN_PLACE_LOOP
#endif
