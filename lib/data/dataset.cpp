#include "mien/data/dataset.h"

namespace mien {

Dataset::~Dataset() = default;

}  // namespace mien
