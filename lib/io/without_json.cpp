// In place of the file formats where the library is built without nlohmann-json.
#include "mien/base/error.h"
#include "mien/io/checkpoint.h"
#include "mien/io/model.h"

namespace mien::io {
namespace {

[[noreturn]] void refuse(const std::string& path) {
  throw IoError(path +
                ": this build of mien has no JSON; install nlohmann-json3-dev and build it again");
}

}  // namespace

void save_checkpoint(const State&, const std::string& path) { refuse(path); }
State load_checkpoint(const std::string& path) { refuse(path); }
std::unique_ptr<nn::Module> load_model(const std::string& path, const LoadOptions&) {
  refuse(path);
}
void save_model(const nn::Module&, const std::string& path, const SaveOptions&) { refuse(path); }
void load_weights(nn::Module&, const std::string& path) { refuse(path); }
void load_optimizer(optim::Optimizer&, const nn::Module&, const std::string& path) { refuse(path); }

}  // namespace mien::io
