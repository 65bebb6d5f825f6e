#include "lib/train/callback_list.h"

#include <algorithm>
#include <utility>

#include "mien/base/error.h"
#include "mien/train/early_stopping.h"
#include "mien/train/progress_bar.h"
#include "mien/train/reduce_lr_on_plateau.h"

namespace mien {
namespace {

template <class C>
std::vector<const C*> all_of_type(const std::vector<Callback*>& list) {
  std::vector<const C*> found;
  for (const Callback* each : list) {
    if (const auto* match = dynamic_cast<const C*>(each)) found.push_back(match);
  }
  return found;
}

// Both count the epochs without improvement, and with a patience of 0 act at the first as with 1.
bool stops_first(const EarlyStoppingOptions& stop, const ReduceLROnPlateauOptions& plateau) {
  return canonical_name(stop.monitor) == canonical_name(plateau.monitor) &&
         stop.start_from_epoch == 0 && std::max(stop.patience, 1) <= std::max(plateau.patience, 1);
}

void warn(const std::vector<Callback*>& list, TrainContext& context) {
  for (const EarlyStopping* stop : all_of_type<EarlyStopping>(list)) {
    for (const ReduceLROnPlateau* plateau : all_of_type<ReduceLROnPlateau>(list)) {
      if (!stops_first(stop->options(), plateau->options())) continue;
      context.print(concat("Warning: EarlyStopping (patience ", stop->options().patience,
                           ") ends training before ReduceLROnPlateau (patience ",
                           plateau->options().patience,
                           ") can act: a reduced learning rate is never used. Give EarlyStopping "
                           "the larger patience."));
    }
  }
}

}  // namespace

CallbackList::CallbackList(BoxList<Callback> callbacks, int verbose)
    : owned_(std::move(callbacks)) {
  const auto is_bar = [](const Box<Callback>& each) {
    return dynamic_cast<const ProgressBar*>(each.get()) != nullptr;
  };
  MIEN_CHECK(std::all_of(owned_.begin(), owned_.end(), [](const auto& each) { return bool(each); }),
             ValueError, "fit: a callback is empty");
  if (verbose != 0 && std::none_of(owned_.begin(), owned_.end(), is_bar)) {
    owned_.add(ProgressBar({.verbose = verbose}));
  }
  for (const Box<Callback>& each : owned_) list_.push_back(each.get());
}

std::vector<std::string> CallbackList::adds() const {
  std::vector<std::string> names;
  for (const Callback* each : list_) {
    for (std::string& name : each->adds()) names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::string> CallbackList::keys() const {
  std::vector<std::string> keys;
  for (const Callback* each : list_) {
    std::string key = each->name();
    for (int i = 1; std::find(keys.begin(), keys.end(), key) != keys.end(); ++i) {
      key = concat(each->name(), "_", i);
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

void CallbackList::begin(TrainContext& context, const State* saved) {
  call(&Callback::on_train_begin, context);
  warn(list_, context);
  const std::vector<std::string> names = keys();
  for (std::size_t i = 0; saved && i < list_.size(); ++i) {
    if (saved->has(names[i])) list_[i]->load(saved->get_group(names[i]));
  }
}

void CallbackList::save(State& state) const {
  const std::vector<std::string> names = keys();
  for (std::size_t i = 0; i < list_.size(); ++i) list_[i]->save(state.group(names[i]));
}

}  // namespace mien
