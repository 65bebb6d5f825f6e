#pragma once

#include "kernels/cuda/implicit_gemm_tiles.h"
#include "kernels/cuda/lang.cuh"

// Where the operands of an implicit GEMM come from. The sum runs over taps (ky, kx), and within a
// tap over `depth` elements: of a convolution the places of its window and the channels; of a plain
// product there is one tap; of a sum of products over a batch each is a tap. A gather is what a
// launch passes by value; its loader is what a thread keeps of it. Offsets are in elements.

namespace mien::cuda {

/// A step of the sum: Tile::kK elements from c on, of one tap.
struct Step {
  int ky, kx, c;
};
/// The whole sum, and how it is split: each tap is cut into steps of its own.
struct Sum {
  int taps_down, taps_across, depth;
  int steps_of_tap, steps, steps_of_split, splits;

  __device__ Step at(int step, int k) const {
    const int tap = step / steps_of_tap;
    return {tap / taps_across, tap % taps_across, (step - tap * steps_of_tap) * k};
  }
  __device__ void advance(Step& step, int k) const {
    step.c += k;
    if (step.c < depth) return;
    step.c = 0;
    if (++step.kx < taps_across) return;
    step.kx = 0;
    ++step.ky;
  }
};

/// Copies a vector to shared memory, or zeros where not valid.
template <int vector, class T>
__device__ __forceinline__ void copy_vector(T* to, const T* from, bool valid) {
  constexpr int bytes = vector * int(sizeof(T));
  static_assert(bytes == 16 || bytes == 4);
  if constexpr (bytes == 16) {
    cp_async16(to, from, valid);
  } else {
    cp_async4(to, from, valid);
  }
}

/// Rows are places in an image, the sum runs over what a window sees from there. Place (image, i,
/// j) sees line i * step_y + first_y + ky * tap_y and pixel j * step_x + first_x + kx * tap_x;
/// outside the image is 0. A matrix [rows][depth] is `rows` images of one place and one pixel.
template <class T>
struct Patches {
  const T* x;
  std::int64_t z_stride;    // from one group or batch to the next
  int rows, places, width;  // in all, of one image, of one line
  int h, w;                 // lines and pixels of the image
  int image, line, pixel;   // strides
  int step_y, step_x, first_y, first_x, tap_y, tap_x;
  std::int64_t tap_line, tap_pixel;  // what a tap further adds to the address

  using Element = T;
  static constexpr bool kAlongDepth = true;

  template <class Tile>
  class Loader {
   public:
    __device__ Loader(const Patches& g, int z, int first_row, const Step&) {
      const int first_image = first_row / g.places;
      base_ = g.x + z * g.z_stride + std::int64_t(first_image) * g.image;
      MIEN_UNROLL
      for (int i = 0; i < Tile::kCopies; ++i) {
        const int row = first_row + Tile::row_of(int(threadIdx.x), i);
        const int in_image = row % g.places, from_first = row / g.places - first_image;
        const int y = in_image / g.width * g.step_y + g.first_y;
        x_[i] = in_image % g.width * g.step_x + g.first_x;
        y_[i] = row < g.rows ? y : kNowhere;
        offset_[i] = row < g.rows ? from_first * g.image + y * g.line + x_[i] * g.pixel : 0;
      }
    }
    __device__ __forceinline__ void copy(const Patches& g, const Step& step, int depth,
                                         T* tile) const {
      const T* base = base_ + step.ky * g.tap_line + step.kx * g.tap_pixel + step.c;
      const int down = step.ky * g.tap_y, across = step.kx * g.tap_x;
      MIEN_UNROLL
      for (int i = 0; i < Tile::kCopies; ++i) {
        const int thread = int(threadIdx.x), k = Tile::depth_of(thread, i);
        if (!Tile::has(thread, i)) break;
        const bool valid = unsigned(y_[i] + down) < unsigned(g.h) &&
                           unsigned(x_[i] + across) < unsigned(g.w) && step.c + k < depth;
        copy_vector<Tile::kVector>(tile + Tile::index(Tile::row_of(thread, i), k),
                                   base + (offset_[i] + k), valid);
      }
    }
    __device__ void advance(const Patches&) {}

   private:
    static constexpr int kNowhere = -(1 << 30);
    const T* base_;
    int offset_[Tile::kCopies], y_[Tile::kCopies], x_[Tile::kCopies];
  };
};

/// Rows of a matrix, the sum running along them: [rows][depth] for each tap.
template <class T>
struct Rows {
  const T* x;
  std::int64_t z_stride;
  int rows, row;  // how many, from one to the next
  std::int64_t tap_line, tap_pixel;

  using Element = T;
  static constexpr bool kAlongDepth = true;

  template <class Tile>
  class Loader {
   public:
    __device__ Loader(const Rows& g, int z, int first_row, const Step&)
        : base_(g.x + z * g.z_stride + std::int64_t(first_row) * g.row), first_(first_row) {}
    __device__ __forceinline__ void copy(const Rows& g, const Step& step, int depth,
                                         T* tile) const {
      const T* base = base_ + step.ky * g.tap_line + step.kx * g.tap_pixel + step.c;
      MIEN_UNROLL
      for (int i = 0; i < Tile::kCopies; ++i) {
        const int thread = int(threadIdx.x);
        const int k = Tile::depth_of(thread, i), row = Tile::row_of(thread, i);
        if (!Tile::has(thread, i)) break;
        const bool valid = first_ + row < g.rows && step.c + k < depth;
        copy_vector<Tile::kVector>(tile + Tile::index(row, k), base + (row * g.row + k), valid);
      }
    }
    __device__ void advance(const Rows&) {}

   private:
    const T* base_;
    int first_;
  };
};

/// Columns of a matrix, the sum running down them: [depth][columns] for each tap.
template <class T>
struct Columns {
  const T* x;
  std::int64_t z_stride;
  int columns, line;  // how many, from one of the depth to the next
  std::int64_t tap_line, tap_pixel;

  using Element = T;
  static constexpr bool kAlongDepth = false;

  template <class Tile>
  class Loader {
   public:
    __device__ Loader(const Columns& g, int z, int first, const Step&)
        : base_(g.x + z * g.z_stride + first), first_(first) {}
    __device__ __forceinline__ void copy(const Columns& g, const Step& step, int depth,
                                         T* tile) const {
      const T* base =
          base_ + step.ky * g.tap_line + step.kx * g.tap_pixel + std::int64_t(step.c) * g.line;
      MIEN_UNROLL
      for (int i = 0; i < Tile::kCopies; ++i) {
        const int thread = int(threadIdx.x);
        const int k = Tile::depth_of(thread, i), column = Tile::row_of(thread, i);
        if (!Tile::has(thread, i)) break;
        const bool valid = first_ + column < g.columns && step.c + k < depth;
        copy_vector<Tile::kVector>(tile + Tile::index(column, k), base + (k * g.line + column),
                                   valid);
      }
    }
    __device__ void advance(const Columns&) {}

   private:
    const T* base_;
    int first_;
  };
};

/// Columns of the matrix of patches, the sum running down them: the column (ky, kx, channel) of
/// place (image, i, j) is what Patches has there. One tap, whose depth is the places.
template <class T>
struct PatchColumns {
  const T* x;
  std::int64_t z_stride;
  int columns, channels, taps_across;
  int places_down, width;  // lines of places in an image, places in a line
  int h, w, line, pixel;
  std::int64_t image;
  int step_y, step_x, first_y, first_x, tap_y, tap_x;
  // Tile::kK places are so many images, lines and places further.
  int next_images, next_lines, next_places;

  using Element = T;
  static constexpr bool kAlongDepth = false;

  template <class Tile>
  class Loader {
   public:
    __device__ Loader(const PatchColumns& g, int z, int first, const Step& step)
        : x_(g.x + z * g.z_stride) {
      MIEN_UNROLL
      for (int i = 0; i < Tile::kCopies; ++i) {
        const int thread = int(threadIdx.x), column = first + Tile::row_of(thread, i);
        const int tap = column / g.channels, ky = tap / g.taps_across, kx = tap % g.taps_across;
        tap_y_[i] = column < g.columns ? g.first_y + ky * g.tap_y : kNowhere;
        tap_x_[i] = g.first_x + kx * g.tap_x;
        channel_[i] = column % g.channels;
        const int place = step.c + Tile::depth_of(thread, i), lines = place / g.width;
        j_[i] = place % g.width;
        i_[i] = lines % g.places_down;
        image_[i] = lines / g.places_down;
      }
    }
    __device__ __forceinline__ void copy(const PatchColumns& g, const Step& step, int depth,
                                         T* tile) const {
      MIEN_UNROLL
      for (int i = 0; i < Tile::kCopies; ++i) {
        const int thread = int(threadIdx.x), k = Tile::depth_of(thread, i);
        if (!Tile::has(thread, i)) break;
        const int y = i_[i] * g.step_y + tap_y_[i], x = j_[i] * g.step_x + tap_x_[i];
        const bool valid =
            unsigned(y) < unsigned(g.h) && unsigned(x) < unsigned(g.w) && step.c + k < depth;
        const int in_image = valid ? y * g.line + x * g.pixel + channel_[i] : 0;
        copy_vector<Tile::kVector>(tile + Tile::index(Tile::row_of(thread, i), k),
                                   x_ + image_[i] * g.image + in_image, valid);
      }
    }
    __device__ __forceinline__ void advance(const PatchColumns& g) {
      MIEN_UNROLL
      for (int i = 0; i < Tile::kCopies; ++i) {
        j_[i] += g.next_places;
        const bool next_line = j_[i] >= g.width;
        j_[i] -= next_line ? g.width : 0;
        i_[i] += g.next_lines + (next_line ? 1 : 0);
        const bool next_image = i_[i] >= g.places_down;
        i_[i] -= next_image ? g.places_down : 0;
        image_[i] += g.next_images + (next_image ? 1 : 0);
      }
    }

   private:
    static constexpr int kNowhere = -(1 << 30);
    const T* x_;
    int tap_y_[Tile::kCopies], tap_x_[Tile::kCopies], channel_[Tile::kCopies];
    int i_[Tile::kCopies], j_[Tile::kCopies], image_[Tile::kCopies];
  };
};

}  // namespace mien::cuda
