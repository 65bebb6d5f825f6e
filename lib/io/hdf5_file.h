#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mien/tensor.h"

namespace mien::io {

/// What the Keras formats need of HDF5, as strings and tensors, in memory. All calls of all objects
/// run under one lock, the library's own error printing is off, and every failure is an IoError
/// naming the file and the place in it.
class Hdf5File {
 public:
  /// A new file; bytes() gives it. `path` is for messages: the library (seen in 1.10.8) crashes at
  /// the program's end where a disk had no room for a file.
  explicit Hdf5File(const std::string& path);
  /// Reads these bytes. The signature and the length that the file declares are checked before the
  /// library sees them.
  Hdf5File(const std::string& path, std::string_view bytes);
  ~Hdf5File();
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;

  bool has(const std::string& object) const;
  bool is_dataset(const std::string& object) const;
  bool has_attribute(const std::string& object, const std::string& name) const;
  /// Names of what is in a group, sorted.
  std::vector<std::string> children(const std::string& object) const;
  /// A scalar string attribute: variable or fixed length, ASCII or UTF-8, padded in any way.
  std::string string_attribute(const std::string& object, const std::string& name) const;
  /// A list of strings, also where Keras split it into name0, name1, ...; empty where it is stored
  /// as an empty array of numbers.
  std::vector<std::string> strings_attribute(const std::string& object,
                                             const std::string& name) const;
  /// A data set of any number type as f32. Throws IoError where it is larger than the file could
  /// hold without compression a thousandfold.
  Tensor dataset(const std::string& object) const;

  /// A data set of one number, as an integer.
  std::int64_t integer(const std::string& object) const;

  /// The group and those above it, where missing.
  void make_group(const std::string& object);
  /// A variable-length scalar: fixed ones must fit an object header of 64 KiB, which a large
  /// model's JSON does not.
  void write_string_attribute(const std::string& object, const std::string& name,
                              const std::string& value);
  /// Split as Keras does where it would not fit an object header.
  void write_strings_attribute(const std::string& object, const std::string& name,
                               const std::vector<std::string>& values);
  /// A contiguous f32 data set, with the groups above it.
  void write_dataset(const std::string& object, const Tensor& tensor);
  /// A contiguous data set of 64-bit integers.
  void write_integers(const std::string& object, const Shape& shape,
                      const std::vector<std::int64_t>& values);
  /// The whole file as written so far.
  std::string bytes();

 private:
  void write(const std::string& object, const Shape& shape, const void* data, bool integers);

  std::string path_;
  std::int64_t file_ = -1;  // hid_t
  std::uint64_t size_ = 0;
};

}  // namespace mien::io
