#pragma once

#include <string>
#include <vector>

#include "mien/base/box.h"
#include "mien/train/callback.h"

namespace mien {

/// The callbacks of one fit(), called one after the other.
class CallbackList {
 public:
  /// Adds a ProgressBar as the last one, where verbose is not 0 and there is none.
  CallbackList(BoxList<Callback> callbacks, int verbose);

  /// Names that they add to the logs.
  std::vector<std::string> adds() const;

  /// on_train_begin() of all; then load(), where saved is not null. Warns where EarlyStopping ends
  /// training before ReduceLROnPlateau can act.
  void begin(TrainContext& context, const State* saved);

  /// Calls the same of each.
  template <class... Params, class... Args>
  void call(void (Callback::*event)(Params...), Args&... args) {
    for (Callback* each : list_) (each->*event)(args...);
  }

  /// Each in a group named by the callback, "_1", "_2" after it where several have the name.
  void save(State& state) const;

 private:
  std::vector<std::string> keys() const;

  BoxList<Callback> owned_;
  std::vector<Callback*> list_;
};

}  // namespace mien
