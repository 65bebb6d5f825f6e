#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mien/base/interpolation.h"

namespace mien {

/// Pixels of one image, 8 bits each, rows from top to bottom: pixels[(y * width + x) * channels +
/// c]. channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha.
///
/// ```cpp
/// Image image = make_image(48, 48, 1, 128);
/// write_image("gray.png", resize(image, 96, 96));
/// ```
struct Image {
  int height = 0;
  int width = 0;
  int channels = 0;
  std::vector<std::uint8_t> pixels{};
};

/// An image of one value, e.g. for drawing on.
Image make_image(int height, int width, int channels, std::uint8_t value = 0);

/// Reads a PNG, JPEG or BMP file. The content decides the format, not the file's suffix. Channels
/// are as stored (a palette gives RGB, of 16 bits the upper 8 are kept, CMYK gives RGB); EXIF
/// orientation is ignored, as PIL and Keras do. Throws IoError that names the file and why:
/// missing, unreadable, empty, truncated, damaged, no such format, or more than 2^27 pixels
/// declared.
Image read_image(const std::string& path);

/// As above, from the bytes of a file; name stands in the message in place of the path.
Image read_image(std::span<const std::uint8_t> bytes, const std::string& name = "<memory>");

/// How write_image() encodes.
struct WriteImageOptions {
  int jpeg_quality = 95;  // 1..100
};

/// Writes .png, .jpg, .jpeg or .bmp, by the path's suffix. The file appears whole or not at all: an
/// earlier file of this name stays when the disk is full. Throws IoError that names the file and
/// the reason, ValueError for another suffix or an image whose sizes do not fit its pixels.
void write_image(const std::string& path, const Image& image,
                 const WriteImageOptions& options = {});

/// One channel. RGB by PIL's integer formula, L = (19595 R + 38470 G + 7471 B + 32768) >> 16 (ITU-R
/// 601 luma); alpha is dropped, as PIL's convert("L") does.
Image to_grayscale(const Image& image);

/// Three channels: gray is repeated, alpha dropped, as PIL's convert("RGB") does.
Image to_rgb(const Image& image);

/// Scales to height x width. Both rules are PIL's, which Keras's flow_from_directory uses: nearest
/// takes the source pixel floor((i + 0.5) * in / out); bilinear is a triangle filter that widens
/// when shrinking (antialias), the horizontal pass first, each pass rounded to 8 bits (bit for bit
/// Pillow 12; version 13 may take the vertical pass first, which differs by 1). TensorFlow's
/// tf.image.resize, of image_dataset_from_directory, does not antialias. Throws ValueError unless
/// height and width are positive and the image is not empty.
Image resize(const Image& image, int height, int width,
             Interpolation interpolation = Interpolation::nearest);

}  // namespace mien
