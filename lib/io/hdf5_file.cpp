#include "lib/io/hdf5_file.h"

#ifdef MIEN_HAVE_HDF5

#include <hdf5.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

#include "lib/io/hdf5_check.h"
#include "mien/autograd.h"
#include "mien/base/error.h"

namespace mien::io {
namespace {

std::recursive_mutex library;  // HDF5 is not thread-safe as Debian builds it

using Lock = std::lock_guard<std::recursive_mutex>;

class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return id_; }
  bool ok() const { return id_ >= 0; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

constexpr std::size_t kMaxAttribute =
    64512;  // Keras's limit for one object header's worth of strings

void quiet_library() {
  static const bool once = [] {
    H5open();
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    return true;
  }();
  (void)once;
}

// The library takes files of one name for one file, and looks on the disk for a name it knows.
std::string unused_name() {
  static std::uint64_t count = 0;
  return "/mien in memory/" + std::to_string(++count);
}

Handle open_object(hid_t file, const std::string& name) {
  return {H5Oopen(file, name.c_str(), H5P_DEFAULT), H5Oclose};
}

std::string trimmed(const char* text, std::size_t size) {
  const std::size_t end = strnlen(text, size);
  std::string out(text, end);
  while (!out.empty() && out.back() == ' ') out.pop_back();  // space-padded strings of Fortran
  return out;
}

// All strings of an attribute.
std::vector<std::string> read_strings(hid_t attribute, const std::string& where) {
  const Handle type(H5Aget_type(attribute), H5Tclose), space(H5Aget_space(attribute), H5Sclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  MIEN_CHECK(type.ok() && space.ok() && count >= 0, IoError, where, ": damaged attribute");
  if (count == 0) return {};
  MIEN_CHECK(H5Tget_class(type) == H5T_STRING, IoError, where, ": is no text");
  MIEN_CHECK(count < 1'000'000, IoError, where, ": holds too many strings");
  std::vector<std::string> out;
  if (H5Tis_variable_str(type) > 0) {
    std::vector<char*> texts(std::size_t(count), nullptr);
    const Handle memory(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(memory, H5T_VARIABLE);
    H5Tset_cset(memory, H5Tget_cset(type));
    MIEN_CHECK(H5Aread(attribute, memory, texts.data()) >= 0, IoError, where, ": cannot be read");
    for (const char* text : texts) out.emplace_back(text ? text : "");
    H5Dvlen_reclaim(memory, space, H5P_DEFAULT, texts.data());
    return out;
  }
  const std::size_t size = H5Tget_size(type);
  MIEN_CHECK(size > 0 && size <= 1u << 20, IoError, where, ": holds too long a text");
  std::vector<char> bytes(size * std::size_t(count));
  MIEN_CHECK(H5Aread(attribute, type, bytes.data()) >= 0, IoError, where, ": cannot be read");
  for (std::size_t i = 0; i < std::size_t(count); ++i)
    out.push_back(trimmed(bytes.data() + i * size, size));
  return out;
}

void write_strings(hid_t object, const std::string& name, const std::vector<std::string>& values,
                   bool scalar, const std::string& path) {
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  const hsize_t count = values.size();
  const Handle space(scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, nullptr),
                     H5Sclose);
  const Handle attribute(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose);
  std::vector<const char*> texts;
  for (const std::string& value : values) texts.push_back(value.c_str());
  MIEN_CHECK(attribute.ok() && (count == 0 || H5Awrite(attribute, type, texts.data()) >= 0),
             IoError, path, ": cannot be written (attribute '", name, "')");
}

}  // namespace

Hdf5File::Hdf5File(const std::string& path) : path_(path) {
  const Lock lock(library);
  quiet_library();
  constexpr std::size_t growth = 1 << 20;
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fapl_core(access, growth, /*backing_store=*/false);
  file_ = H5Fcreate(unused_name().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  MIEN_CHECK(file_ >= 0, IoError, path, ": cannot be made in memory");
}

Hdf5File::Hdf5File(const std::string& path, std::string_view bytes)
    : path_(path), size_(bytes.size()) {
  const Lock lock(library);
  quiet_library();
  check_hdf5(path, bytes);
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fapl_core(access, 1 << 20, /*backing_store=*/false);
  // The library takes copies of the bytes.
  const bool taken = H5Pset_file_image(access, const_cast<char*>(bytes.data()), bytes.size()) >= 0;
  file_ = taken ? H5Fopen(unused_name().c_str(), H5F_ACC_RDONLY, access) : -1;
  MIEN_CHECK(file_ >= 0, IoError, path, ": damaged HDF5 file");
}

Hdf5File::~Hdf5File() {
  const Lock lock(library);
  if (file_ >= 0) H5Fclose(file_);
}

bool Hdf5File::has(const std::string& object) const {
  const Lock lock(library);
  if (object.empty() || object == "/") return true;
  // Each link on the way is asked for: a missing parent would be an error.
  for (std::size_t end = object.find('/', 1);; end = object.find('/', end + 1)) {
    if (H5Lexists(file_, object.substr(0, end).c_str(), H5P_DEFAULT) <= 0) return false;
    if (end == std::string::npos) return true;
  }
}

bool Hdf5File::has_attribute(const std::string& object, const std::string& name) const {
  const Lock lock(library);
  return has(object) && H5Aexists_by_name(file_, object.c_str(), name.c_str(), H5P_DEFAULT) > 0;
}

bool Hdf5File::is_dataset(const std::string& object) const {
  const Lock lock(library);
  const Handle found = open_object(file_, object);
  return found.ok() && H5Iget_type(found) == H5I_DATASET;
}

std::vector<std::string> Hdf5File::children(const std::string& object) const {
  const Lock lock(library);
  const Handle group = open_object(file_, object);
  MIEN_CHECK(group.ok() && H5Iget_type(group) == H5I_GROUP, IoError, path_, ": '", object,
             "' is no group");
  std::vector<std::string> names;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->push_back(name);
    return 0;
  };
  MIEN_CHECK(H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names) >= 0, IoError,
             path_, ": '", object, "' cannot be read");
  return names;
}

std::string Hdf5File::string_attribute(const std::string& object, const std::string& name) const {
  const Lock lock(library);
  const std::string where = path_ + ": attribute '" + name + "' of '" + object + "'";
  const Handle holder = open_object(file_, object);
  const Handle attribute(H5Aopen(holder, name.c_str(), H5P_DEFAULT), H5Aclose);
  MIEN_CHECK(attribute.ok(), IoError, where, ": is missing");
  const std::vector<std::string> texts = read_strings(attribute, where);
  MIEN_CHECK(texts.size() == 1, IoError, where, ": is not one text");
  return texts[0];
}

std::vector<std::string> Hdf5File::strings_attribute(const std::string& object,
                                                     const std::string& name) const {
  const Lock lock(library);
  const std::string where = path_ + ": attribute '" + name + "' of '" + object + "'";
  const Handle holder = open_object(file_, object);
  MIEN_CHECK(holder.ok(), IoError, path_, ": '", object, "' is missing");
  const bool whole = has_attribute(object, name);
  MIEN_CHECK(whole || has_attribute(object, name + "0"), IoError, where, ": is missing");
  std::vector<std::string> out;
  for (int part = 0;; ++part) {
    const std::string part_name = whole ? name : name + std::to_string(part);
    if (!has_attribute(object, part_name)) return out;
    const Handle attribute(H5Aopen(holder, part_name.c_str(), H5P_DEFAULT), H5Aclose);
    MIEN_CHECK(attribute.ok(), IoError, where, ": cannot be read");
    for (std::string& text : read_strings(attribute, where)) out.push_back(std::move(text));
    if (whole) return out;
  }
}

Tensor Hdf5File::dataset(const std::string& object) const {
  const Lock lock(library);
  const std::string where = path_ + ": data set '" + object + "'";
  MIEN_CHECK(has(object), IoError, where, ": is missing");
  const Handle data(H5Dopen2(file_, object.c_str(), H5P_DEFAULT), H5Dclose);
  MIEN_CHECK(data.ok(), IoError, where, ": is no data set");
  const Handle type(H5Dget_type(data), H5Tclose), space(H5Dget_space(data), H5Sclose);
  MIEN_CHECK(type.ok() && space.ok(), IoError, where, ": is damaged");
  const H5T_class_t kind = H5Tget_class(type);
  MIEN_CHECK(kind == H5T_FLOAT || kind == H5T_INTEGER, IoError, where, ": holds no numbers");
  const int rank = H5Sget_simple_extent_ndims(space);
  MIEN_CHECK(rank >= 0 && rank <= Shape::kMaxRank, IoError, where, ": has ", rank,
             " axes; at most ", Shape::kMaxRank, " are read");
  hsize_t dims[Shape::kMaxRank] = {};
  if (rank > 0) H5Sget_simple_extent_dims(space, dims, nullptr);
  // A few bytes may not ask for all memory: even compressed data does not grow more than about a
  // thousandfold.
  Shape shape;
  double numel = 1;
  for (int i = 0; i < rank; ++i) numel *= double(dims[i]);
  MIEN_CHECK(numel * 4 <= 1024.0 * double(size_), IoError, where,
             ": declares more than the file can hold");
  for (int i = 0; i < rank; ++i) shape.push_back(std::int64_t(dims[i]));
  Tensor out = Tensor::empty(shape, {.dtype = DType::f32, .device = kCpu});
  if (out.numel() == 0) return out;
  MIEN_CHECK(H5Dread(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.raw()) >= 0,
             IoError, where, ": cannot be read");
  return out;
}

std::int64_t Hdf5File::integer(const std::string& object) const {
  const Lock lock(library);
  MIEN_CHECK(dataset(object).numel() == 1, IoError, path_, ": data set '", object,
             "': is not one number");
  const Handle data(H5Dopen2(file_, object.c_str(), H5P_DEFAULT), H5Dclose);
  std::int64_t value = 0;
  MIEN_CHECK(H5Dread(data, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value) >= 0, IoError,
             path_, ": data set '", object, "': cannot be read");
  return value;
}

void Hdf5File::make_group(const std::string& object) {
  const Lock lock(library);
  if (has(object)) return;
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const Handle group(H5Gcreate2(file_, object.c_str(), links, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
  MIEN_CHECK(group.ok(), IoError, path_, ": cannot be written (group '", object, "')");
}

void Hdf5File::write_string_attribute(const std::string& object, const std::string& name,
                                      const std::string& value) {
  const Lock lock(library);
  write_strings(open_object(file_, object), name, {value}, true, path_);
}

void Hdf5File::write_strings_attribute(const std::string& object, const std::string& name,
                                       const std::vector<std::string>& values) {
  const Lock lock(library);
  const Handle holder = open_object(file_, object);
  // Stored texts take 16 bytes of the header each; older readers of Keras rewrite them at full
  // length.
  std::size_t longest = 1;
  for (const std::string& value : values) longest = std::max(longest, value.size());
  const std::size_t fit =
      std::max<std::size_t>(1, kMaxAttribute / std::max<std::size_t>(longest, 16));
  if (values.size() <= fit) return write_strings(holder, name, values, false, path_);
  for (std::size_t begin = 0, part = 0; begin < values.size(); begin += fit, ++part) {
    const auto from = values.begin() + std::ptrdiff_t(begin);
    const auto to = values.begin() + std::ptrdiff_t(std::min(begin + fit, values.size()));
    write_strings(holder, name + std::to_string(part), {from, to}, false, path_);
  }
}

void Hdf5File::write_dataset(const std::string& object, const Tensor& tensor) {
  const NoGradGuard quiet;
  const Tensor host = tensor.to(kCpu).to(DType::f32);
  write(object, host.shape(), host.raw(), false);
}

void Hdf5File::write_integers(const std::string& object, const Shape& shape,
                              const std::vector<std::int64_t>& values) {
  write(object, shape, values.data(), true);
}

void Hdf5File::write(const std::string& object, const Shape& shape, const void* data,
                     bool integers) {
  const Lock lock(library);
  hsize_t dims[Shape::kMaxRank] = {};
  for (int i = 0; i < shape.rank(); ++i) dims[i] = hsize_t(shape[i]);
  const Handle space(
      shape.rank() == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(shape.rank(), dims, nullptr),
      H5Sclose);
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation, false);  // the same weights give the same bytes
  const hid_t stored = integers ? H5T_STD_I64LE : H5T_IEEE_F32LE,
              given = integers ? H5T_NATIVE_INT64 : H5T_NATIVE_FLOAT;
  const Handle set(H5Dcreate2(file_, object.c_str(), stored, space, links, creation, H5P_DEFAULT),
                   H5Dclose);
  MIEN_CHECK(set.ok(), IoError, path_, ": cannot be written (data set '", object, "')");
  if (shape.numel() == 0) return;
  MIEN_CHECK(H5Dwrite(set, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0, IoError, path_,
             ": cannot be written (data set '", object, "')");
}

std::string Hdf5File::bytes() {
  const Lock lock(library);
  const bool flushed = H5Fflush(file_, H5F_SCOPE_LOCAL) >= 0;
  const ssize_t size = flushed ? H5Fget_file_image(file_, nullptr, 0) : -1;
  std::string image(size > 0 ? std::size_t(size) : 0, '\0');
  MIEN_CHECK(size > 0 && H5Fget_file_image(file_, image.data(), image.size()) == size, IoError,
             path_, ": cannot be made in memory");
  return image;
}

}  // namespace mien::io

#else

#include "mien/base/error.h"

namespace mien::io {

// This build has no HDF5: the first use says so.
namespace {
[[noreturn]] void refuse(const std::string& path) {
  throw IoError(path +
                ": .h5 files need HDF5, which this build of mien lacks; install "
                "libhdf5-dev and build again");
}
}  // namespace
Hdf5File::Hdf5File(const std::string& path) : path_(path) { refuse(path); }
Hdf5File::Hdf5File(const std::string& path, std::string_view) : path_(path) { refuse(path); }
Hdf5File::~Hdf5File() = default;
bool Hdf5File::has(const std::string&) const { return false; }
bool Hdf5File::is_dataset(const std::string&) const { return false; }
std::vector<std::string> Hdf5File::children(const std::string&) const { return {}; }
bool Hdf5File::has_attribute(const std::string&, const std::string&) const { return false; }
std::string Hdf5File::string_attribute(const std::string&, const std::string&) const { return {}; }
std::vector<std::string> Hdf5File::strings_attribute(const std::string&, const std::string&) const {
  return {};
}
Tensor Hdf5File::dataset(const std::string&) const { return {}; }
std::int64_t Hdf5File::integer(const std::string&) const { return 0; }
void Hdf5File::make_group(const std::string&) {}
void Hdf5File::write_string_attribute(const std::string&, const std::string&, const std::string&) {}
void Hdf5File::write_strings_attribute(const std::string&, const std::string&,
                                       const std::vector<std::string>&) {}
void Hdf5File::write_dataset(const std::string&, const Tensor&) {}
void Hdf5File::write_integers(const std::string&, const Shape&, const std::vector<std::int64_t>&) {}
void Hdf5File::write(const std::string&, const Shape&, const void*, bool) {}
std::string Hdf5File::bytes() { return {}; }

}  // namespace mien::io

#endif
