// What a graph does in one pass over memory, and when it lets go of results.
#include <algorithm>

#include "lib/nn/fusion.h"
#include "mien/nn/graph.h"

namespace mien::nn {

bool Graph::passes_through(std::size_t call) const {
  if (!fused() || call >= plan_.size() || plan_[call].fusion < 0) return false;
  return fusions_[std::size_t(plan_[call].fusion)].last != int(call);
}

// The call that alone takes the call's results, once; -1 where there is none.
int Graph::only_user(int call) const {
  if (calls_[std::size_t(call)].is_output) return -1;
  int user = -1;
  for (std::size_t i = 0; i < calls_.size(); ++i)
    for (const Value& value : calls_[i].inputs) {
      if (value.call != call) continue;
      if (user >= 0) return -1;
      user = int(i);
    }
  return user;
}

void Graph::find_fusion(int first) {
  const Call& norm = calls_[std::size_t(first)];
  if (!norm.layer) return;
  Fused found{.layers = begin_fusion(*norm.layer), .first = first, .last = first};
  if (found.layers.layers == 0) return;
  // Moving statistics move call by call: a shared layer keeps its calls where they are.
  if (std::count_if(calls_.begin(), calls_.end(),
                    [&](const Call& each) { return each.layer == norm.layer; }) > 1)
    return;
  found.input = norm.inputs[0];
  std::vector<int> together{first};
  for (int next = only_user(first); next >= 0; next = only_user(next)) {
    const Call& call = calls_[std::size_t(next)];
    if (plan_[std::size_t(next)].fusion >= 0) break;
    if (!extend_fusion(found.layers, *call.layer, shapes_of(call.inputs))) break;
    if (call.inputs.size() == 2)
      found.residual = call.inputs[call.inputs[0].call == found.last ? 1 : 0];
    found.last = next;
    together.push_back(next);
  }
  if (together.size() < 2) return;
  for (const int call : together) plan_[std::size_t(call)].fusion = int(fusions_.size());
  plan_[std::size_t(found.input.call)].norm = int(fusions_.size());
  fusions_.push_back(found);
}

void Graph::plan() {
  fusions_.clear();
  plan_.assign(calls_.size(), Planned());
  for (std::size_t i = 0; i < calls_.size(); ++i) find_fusion(int(i));
  std::vector<int> last_use(calls_.size(), -1);
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const int fusion = plan_[i].fusion;
    const int when = fusion < 0 ? int(i) : fusions_[std::size_t(fusion)].last;
    for (const Value& value : calls_[i].inputs) {
      int& last = last_use[std::size_t(value.call)];
      last = std::max(last, when);
    }
  }
  for (std::size_t i = 0; i < calls_.size(); ++i)
    if (last_use[i] >= 0 && !calls_[i].is_output)
      plan_[std::size_t(last_use[i])].release.push_back(int(i));
}

}  // namespace mien::nn
