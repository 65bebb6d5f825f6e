#include "tests/support/golden.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "mien/base/error.h"

namespace mien {

Tensor golden(const std::string& name) {
  const std::string path = std::string(MIEN_TEST_DATA_DIR) + "/" + name + ".npy";
  std::ifstream file(path, std::ios::binary);
  MIEN_CHECK(file, IoError, path, ": cannot be opened");
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  MIEN_CHECK(bytes.size() > 10 && bytes.compare(0, 6, "\x93NUMPY") == 0 && bytes[6] == 1, IoError,
             path, ": not a .npy file of version 1");
  const std::size_t header_size = std::uint8_t(bytes[8]) + 256u * std::uint8_t(bytes[9]);
  const std::string header = bytes.substr(10, header_size);
  MIEN_CHECK(header.find("'fortran_order': False") != std::string::npos, IoError, path,
             ": must be in C order");
  Shape shape;
  for (std::size_t at = header.find('(') + 1; header[at] != ')';) {
    if (header[at] < '0' || header[at] > '9') {
      ++at;
      continue;
    }
    std::size_t used = 0;
    shape.push_back(std::stoll(header.substr(at), &used));
    at += used;
  }
  const char* data = bytes.data() + 10 + header_size;
  const auto holds = [&](const char* type) { return header.find(type) != std::string::npos; };
  if (holds("'<i8'")) {
    std::vector<double> wide;
    for (std::int64_t i = 0; i < shape.numel(); ++i) {
      std::int64_t value = 0;
      std::memcpy(&value, data + 8 * i, 8);
      wide.push_back(double(value));
    }
    return Tensor::from(wide, shape, {.dtype = DType::i32});
  }
  const DType dtype = holds("'<f4'")   ? DType::f32
                      : holds("'<f8'") ? DType::f64
                      : holds("'<i4'") ? DType::i32
                                       : DType::u8;
  MIEN_CHECK(dtype != DType::u8 || holds("'|u1'"), IoError, path,
             ": element type not known: ", header);
  Tensor out = Tensor::empty(shape, {.dtype = dtype, .device = kCpu});
  MIEN_CHECK(bytes.size() == 10 + header_size + out.bytes(), IoError, path,
             ": has the wrong length");
  std::memcpy(out.raw(), data, out.bytes());
  return out;
}

}  // namespace mien
