#include "lib/io/keras_layers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "mien/nn/sequential.h"

namespace mien::io {
namespace {

using nn::Graph;

class Sorter {
 public:
  explicit Sorter(const Graph& graph) : calls_(graph.calls()), seen_(calls_.size(), false) {
    for (const Graph::Value& output : graph.outputs()) visit(output.call);
    for (std::size_t i = 0; i < calls_.size(); ++i)  // inputs that no output needs
      if (!calls_[i].layer && !seen_[i]) unused_.push_back(int(i));
  }

  std::vector<KerasOrdered> order() {
    std::vector<int> depth(calls_.size(), 0);
    std::map<const void*, int> layer_depth;
    for (auto at = finished_.rbegin(); at != finished_.rend(); ++at) {
      // A shared layer counts with its farthest call.
      int& own = layer_depth[key(*at)];
      own = std::max(own, depth[std::size_t(*at)]);
      depth[std::size_t(*at)] = own;
      for (const Graph::Value& input : calls_[std::size_t(*at)].inputs) {
        int& before = depth[std::size_t(input.call)];
        before = std::max(before, own + 1);
      }
    }
    struct Place {
      int depth, index, call;
    };
    std::vector<Place> places;
    for (std::size_t i = 0; i < met_.size(); ++i)
      places.push_back({layer_depth[key(met_[i])], int(i), met_[i]});
    for (const int call : unused_) places.push_back({0, -1, call});
    std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
      return a.depth != b.depth ? a.depth > b.depth : a.index < b.index;
    });
    std::map<const void*, std::vector<int>> calls;
    for (std::size_t i = 0; i < calls_.size(); ++i)
      if (seen_[i]) calls[key(int(i))].push_back(int(i));
    std::vector<KerasOrdered> out;
    for (const Place& each : places) {
      std::vector<int>& own = calls[key(each.call)];
      if (own.empty()) own.push_back(each.call);  // of an input that no output needs
      out.push_back({calls_[std::size_t(each.call)].layer, own});
    }
    return out;
  }

 private:
  // What is sorted: a layer, or an input, which is a layer of its own.
  const void* key(int call) const {
    const Graph::Call& at = calls_[std::size_t(call)];
    return at.layer ? static_cast<const void*>(at.layer) : &at;
  }

  // Depth first, without recursion: graphs are deep.
  void visit(int root) {
    std::vector<std::pair<int, std::size_t>> path;
    const auto enter = [&](int call) {
      if (seen_[std::size_t(call)]) return;
      seen_[std::size_t(call)] = true;
      if (keys_.insert({key(call), call}).second) met_.push_back(call);
      path.push_back({call, 0});
    };
    enter(root);
    while (!path.empty()) {
      auto& [call, next] = path.back();
      const auto& inputs = calls_[std::size_t(call)].inputs;
      if (next < inputs.size()) {
        enter(inputs[next++].call);
      } else {
        finished_.push_back(call);
        path.pop_back();
      }
    }
  }

  const std::vector<Graph::Call>& calls_;
  std::vector<bool> seen_;
  std::map<const void*, int> keys_;
  std::vector<int> met_, finished_, unused_;  // calls: first met of each layer, done with, no use
};

KerasLayer listed(const nn::Module& layer) {
  KerasLayer out = keras_layers(layer);
  out.name = layer.name();
  return out;
}

}  // namespace

std::vector<KerasOrdered> keras_order(const Graph& graph) { return Sorter(graph).order(); }

KerasLayer keras_layers(const nn::Module& model) {
  KerasLayer out{.name = model.name(), .kind = std::string(model.kind()), .module = &model};
  if (const auto* sequential = dynamic_cast<const nn::Sequential*>(&model)) {
    for (std::size_t i = 0; i < sequential->size(); ++i)
      out.layers.push_back(listed(sequential->layer(i)));
  } else if (const auto* graph = dynamic_cast<const Graph*>(&model)) {
    out.kind = "Functional";
    for (const KerasOrdered& each : keras_order(*graph)) {
      if (each.layer) {
        out.layers.push_back(listed(*each.layer));
      } else {
        const Graph::Call& input = graph->calls()[std::size_t(each.calls.front())];
        out.layers.push_back({.name = input.name, .kind = "InputLayer"});
      }
    }
  }
  return out;
}

}  // namespace mien::io
