#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "mien/train/history.h"

namespace mien {

std::string History::json() const {
  std::string out = "{\"epochs\":[";
  for (std::size_t i = 0; i < epochs_.size(); ++i) {
    nlohmann::ordered_json line;
    line["epoch"] = i + 1;
    for (const Logs::Entry& entry : epochs_[i].logs) line[entry.first] = entry.second;
    line["seconds"] = epochs_[i].seconds;
    // A name that is no UTF-8 must not cost the user his run: replace its bad bytes.
    using Handler = nlohmann::ordered_json::error_handler_t;
    out += (i ? ",\n" : "\n") + line.dump(-1, ' ', false, Handler::replace);
  }
  return out + (epochs_.empty() ? "]}\n" : "\n]}\n");
}

}  // namespace mien
