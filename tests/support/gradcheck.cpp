#include "tests/support/gradcheck.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "mien/autograd.h"
#include "mien/base/error.h"
#include "tests/support/values.h"

namespace mien {
namespace {

double weighed(const Tensor& y, const std::vector<double>& weights) {
  const std::vector<double> v = values(y);
  double sum = 0;
  for (std::size_t i = 0; i < v.size(); ++i) sum += v[i] * weights[i];
  return sum;
}

}  // namespace

std::string gradcheck(const std::function<Tensor(const Tensors&)>& f, const Tensors& inputs,
                      const GradcheckOptions& options) {
  Tensors leaves;
  for (const Tensor& input : inputs) {
    Tensor leaf = input.clone().detach();
    if (leaf.dtype() != DType::f64) return "gradcheck: inputs must be f64";
    leaves.push_back(leaf.requires_grad());
  }
  return gradcheck_leaves([&] { return f(leaves); }, leaves, options);
}

std::string gradcheck_leaves(const std::function<Tensor()>& f, const Tensors& given,
                             const GradcheckOptions& options) {
  Tensors leaves = given;
  for (const Tensor& leaf : leaves) leaf.zero_grad();
  const Tensor y = f();
  const Tensor weight = random_tensor(y.shape(), 99, 0.5, 1.5);
  const std::vector<double> weights = values(weight);
  y.backward(weight);
  std::vector<std::vector<double>> analytic;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (!leaves[i].grad().defined()) return concat("input ", i, " got no gradient");
    analytic.push_back(values(leaves[i].grad()));
  }
  f().backward(weight);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const std::vector<double> twice = values(leaves[i].grad());
    for (std::size_t k = 0; k < twice.size(); ++k)
      if (!(std::abs(twice[k] - 2 * analytic[i][k]) <= 1e-9 * std::max(1.0, std::abs(twice[k]))))
        return concat("input ", i, " element ", k, ": a second backward gives ", twice[k],
                      ", not twice ", analytic[i][k]);
  }
  const NoGradGuard quiet;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    for (std::int64_t k = 0; k < leaves[i].numel(); ++k) {
      double* element = leaves[i].data<double>() + k;
      const double before = *element;
      *element = before + options.step;
      const double above = weighed(f(), weights);
      *element = before - options.step;
      const double below = weighed(f(), weights);
      *element = before;
      const double numeric = (above - below) / (2 * options.step),
                   got = analytic[i][std::size_t(k)];
      if (!(std::abs(got - numeric) <= options.tolerance * std::max(1.0, std::abs(numeric))))
        return concat("input ", i, " element ", k, ": backward gives ", got, ", differences give ",
                      numeric);
    }
  }
  return "";
}

}  // namespace mien
