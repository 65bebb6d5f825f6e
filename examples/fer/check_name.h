#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "mien/base/error.h"

namespace fer {

using mien::ValueError;

/// Throws ValueError unless an option's value is one of these names: "--model must be a or b; got
/// 'c'".
inline void check_name(const char* option, const std::string& value,
                       const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names)
    all += (all.empty() ? "" : name == names.back() ? " or " : ", ") + name;
  MIEN_CHECK(std::find(names.begin(), names.end(), value) != names.end(), ValueError, option,
             " must be ", all, "; got '", value, "'");
}

}  // namespace fer
