#pragma once

#include "kernels/args.h"

namespace mien {

/// A convolution as tests list them.
struct ConvCase {
  int n, h, w, c, oc, kh, kw, stride, dilation, top, left, bottom, right, groups;
};

/// Its arguments, without pointers.
inline Conv2dArgs args_of(const ConvCase& s, ConvPass pass) {
  const int seen_h = s.dilation * (s.kh - 1) + 1, seen_w = s.dilation * (s.kw - 1) + 1;
  return {.n = s.n,
          .h = s.h,
          .w = s.w,
          .c = s.c,
          .oh = (s.h + s.top + s.bottom - seen_h) / s.stride + 1,
          .ow = (s.w + s.left + s.right - seen_w) / s.stride + 1,
          .oc = s.oc,
          .kh = s.kh,
          .kw = s.kw,
          .sh = s.stride,
          .sw = s.stride,
          .dh = s.dilation,
          .dw = s.dilation,
          .pt = s.top,
          .pl = s.left,
          .groups = s.groups,
          .pass = pass,
          .math = ConvMath::exact,
          .x = nullptr,
          .weight = nullptr,
          .y = nullptr,
          .bias = nullptr,
          .beta = 0};
}

}  // namespace mien
