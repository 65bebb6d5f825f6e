#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "lib/runtime/profile.h"

namespace mien {

/// What a profile has collected so far.
struct ProfileRecord {
  struct Key {
    std::string op;
    std::uint32_t layer = 0;
    bool backward = false;
    bool operator<(const Key& other) const {
      return std::tie(op, layer, backward) < std::tie(other.op, other.layer, other.backward);
    }
  };
  struct Totals {
    std::int64_t calls = 0;
    double us = 0;
    OpCost cost{};
  };
  struct Event {
    const Key* key;
    double begin_us, us;
    OpCost cost;
    int thread;
  };

  std::mutex mutex;
  std::vector<std::string> layers{""};  // paths by number
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> layers_inside;
  std::map<Key, Totals> totals;
  std::vector<Event> events;  // the first kMostEvents
  std::int64_t dropped_events = 0;
  double begin_us = -1, end_us = -1;  // of the first and the last call
};

/// The one there is. It is never destroyed: the report is made when the program ends.
ProfileRecord& profile_record();

}  // namespace mien
