#include "lib/io/keras_optimizer.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "lib/io/keras_weights.h"
#include "mien/base/error.h"
#include "mien/state.h"

namespace mien::io {
namespace {

// What its class takes, under Keras's names. Options that are off are left out: the old optimizers
// of Keras 2, which it takes unless told otherwise, do not know them.
Json settings_json(const optim::Optimizer* optimizer) {
  if (!optimizer) return {{"learning_rate", 1e-3}};
  const optim::OptimizerOptions& o = optimizer->options();
  Json out = {{"learning_rate", optimizer->lr()}};
  const std::pair<const char*, double> limits[] = {{"weight_decay", o.weight_decay},
                                                   {"clipnorm", o.clipnorm},
                                                   {"global_clipnorm", o.global_clipnorm},
                                                   {"clipvalue", o.clipvalue}};
  for (const auto& [name, value] : limits)
    if (value > 0) out[name] = value;
  if (o.use_ema) out.update({{"use_ema", true}, {"ema_momentum", o.ema_momentum}});
  State settings;
  optimizer->describe(settings);
  for (const State::Item& item : settings.items()) {
    const bool flag = item.name == "nesterov" || item.name == "centered";
    if (const auto* whole = std::get_if<std::int64_t>(&item.value)) {
      out[item.name] = flag ? Json(*whole != 0) : Json(*whole);
    } else if (const auto* number = std::get_if<double>(&item.value)) {
      out[item.name] = *number;
    }
  }
  return out;
}

// The lists in which Keras keeps what ours has for each weight.
struct Slots {
  std::vector<std::string> names{};
  bool by_weight = false;  // all of a weight together
};

Slots keras_slots(std::string_view kind, const std::vector<std::string>& ours) {
  if (kind == "Adam" || kind == "AdamW") return {{"momentum", "velocity"}, true};
  Slots out;
  for (const char* name : {"velocity", "momentum", "average_gradient"})
    if (std::find(ours.begin(), ours.end(), name) != ours.end()) out.names.push_back(name);
  return out;
}

bool keeps_state(const optim::Optimizer& optimizer) {
  const std::string_view kind = optimizer.kind();
  const bool known = kind == "Adam" || kind == "AdamW" || kind == "SGD" || kind == "RMSprop";
  return known && optimizer.bound() && !optimizer.options().use_ema;
}

// One slot of one weight.
struct Entry {
  std::string parameter{}, slot{}, path{};  // names in the optimizer's state; path in the model
  Shape shape{};
};

// In Keras's order.
std::vector<Entry> entries_of(const optim::Optimizer& optimizer, const State& state,
                              const nn::Module& model, const KerasLayer& layers) {
  std::map<const TensorImpl*, std::string> names;
  for (const NamedTensor& each : model.parameters()) names[each.value.impl()] = each.name;
  std::vector<Entry> weights;
  std::vector<std::string> ours;
  for (const NamedTensor& each : keras_weights(layers)) {
    const auto found = names.find(each.value.impl());
    if (found == names.end() || !each.value.needs_grad()) continue;
    if (ours.empty())
      for (const State::Item& item : state.get_group("parameters").get_group(found->second).items())
        ours.push_back(item.name);
    weights.push_back({found->second, "", each.name, each.value.shape()});
  }
  const Slots slots = keras_slots(optimizer.kind(), ours);
  std::vector<Entry> out;
  const auto add = [&out](Entry weight, const std::string& slot) {
    weight.slot = slot;
    out.push_back(std::move(weight));
  };
  if (slots.by_weight) {
    for (const Entry& weight : weights)
      for (const std::string& slot : slots.names) add(weight, slot);
  } else {
    for (const std::string& slot : slots.names)
      for (const Entry& weight : weights) add(weight, slot);
  }
  return out;
}

const Tensor& tensor_of(const State& state, const Entry& entry) {
  return state.get_group("parameters").get_group(entry.parameter).get_tensor(entry.slot);
}

}  // namespace

Json compile_json(const SaveOptions& options, bool zip) {
  const std::string kind(options.optimizer ? options.optimizer->kind() : "Adam");
  Json settings = settings_json(options.optimizer);
  if (options.optimizer && options.keras == 2 && !zip) settings["is_legacy_optimizer"] = false;
  Json optimizer = zip ? keras_object("keras.optimizers", kind, std::move(settings))
                       : Json{{"class_name", kind}, {"config", std::move(settings)}};
  Json out = {{"loss", options.loss},
              {"metrics", Json::array({"accuracy"})},
              {"weighted_metrics", nullptr},
              {"loss_weights", nullptr}};
  out[zip ? "optimizer" : "optimizer_config"] = std::move(optimizer);
  return out;
}

void write_optimizer_by_number(Hdf5File& file, const optim::Optimizer& optimizer,
                               const KerasLayer& model) {
  if (!keeps_state(optimizer)) return;
  State state;
  optimizer.save(state);
  const std::string vars = "/optimizer/vars/";
  file.write_integers(vars + "0", {}, {optimizer.iterations()});
  file.write_dataset(vars + "1", Tensor::scalar(optimizer.lr()));
  int number = 2;
  for (const Entry& each : entries_of(optimizer, state, *model.module, model))
    file.write_dataset(vars + std::to_string(number++), tensor_of(state, each));
}

void write_optimizer_by_name(Hdf5File& file, const optim::Optimizer& optimizer,
                             const KerasLayer& model) {
  if (!keeps_state(optimizer)) return;
  State state;
  optimizer.save(state);
  const std::string group = "/optimizer_weights/";
  std::vector<std::string> names{"iteration:0"};
  file.write_integers(group + names[0], {}, {optimizer.iterations()});
  const bool adam = optimizer.kind() != "SGD" && optimizer.kind() != "RMSprop";
  std::vector<Entry> entries = entries_of(optimizer, state, *model.module, model);
  for (const Entry& each : entries) {
    const std::string slot = !adam ? each.slot : each.slot == "momentum" ? "m" : "v";
    names.push_back(concat(optimizer.kind(), "/", slot, "/", each.path, ":0"));
    file.write_dataset(group + names.back(), tensor_of(state, each));
  }
  if (entries.empty())  // SGD keeps a momentum there that it never uses
    for (const NamedTensor& each : keras_weights(model)) {
      if (!each.value.needs_grad()) continue;
      names.push_back(concat("SGD/m/", each.name, ":0"));
      file.write_dataset(group + names.back(), Tensor::zeros(each.value.shape()));
    }
  file.write_strings_attribute("/optimizer_weights", "weight_names", names);
}

void read_optimizer(const Hdf5File& file, const std::vector<std::string>& objects,
                    const Json& compiled, optim::Optimizer& optimizer, const nn::Module& model,
                    const std::string& path) {
  const Json& described = value_at(compiled, "optimizer_config").is_object()
                              ? value_at(compiled, "optimizer_config")
                              : value_at(compiled, "optimizer");
  const std::string kind = keras_class(described);
  MIEN_CHECK(kind.empty() || kind == optimizer.kind(), IoError, path, ": its optimizer is ", kind,
             ", not ", optimizer.kind());
  MIEN_CHECK(!optimizer.options().use_ema, IoError, path,
             ": averages of weights are not read; the optimizer must be without use_ema");
  MIEN_CHECK(!objects.empty(), IoError, path, ": holds no state of an optimizer");
  State before, state;
  optimizer.save(before);
  const std::vector<Entry> entries = entries_of(optimizer, before, model, keras_layers(model));
  // Keras 3 has the learning rate second; where SGD is without momentum, Keras 2 has one that it
  // never uses.
  const std::size_t extra = objects.size() - std::min(objects.size(), entries.size());
  const bool has_rate = extra > 1 && file.dataset(objects[1]).rank() == 0;
  const bool unused = entries.empty() && !has_rate;
  MIEN_CHECK(extra == (has_rate ? 2u : 1u) || unused, IoError, path, ": its optimizer has ",
             objects.size(), " variables; the model's has ", entries.size(), " and its steps");
  const Json& described_rate = value_at(value_at(described, "config"), "learning_rate");
  double rate = described_rate.is_number() ? described_rate.get<double>() : optimizer.lr();
  if (has_rate) rate = file.dataset(objects[1]).item();
  state.set("kind", std::string(optimizer.kind()));
  state.set("iterations", file.integer(objects[0]));
  state.set("learning_rate", rate);
  State& parameters = state.group("parameters");
  for (const State::Item& item : before.get_group("parameters").items())
    parameters.group(item.name);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Tensor from = file.dataset(objects[i + extra]);
    MIEN_CHECK(from.shape() == entries[i].shape, IoError, path, ": the optimizer's '",
               objects[i + extra], "' is ", from.shape(), "; its weight '", entries[i].path,
               "' is ", entries[i].shape);
    parameters.group(entries[i].parameter).set(entries[i].slot, from);
  }
  optimizer.load(state);
}

}  // namespace mien::io
