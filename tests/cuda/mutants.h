#pragma once

#include <type_traits>

// What stands in the kernels of the mutation test's tree in place of what can be broken: all
// mutants are built at once, and the environment variable MIEN_MUTANT chooses one.

namespace mien::mutants {

/// Whether this mutant is the chosen one. Remembers that it was reached, where that is asked.
bool is_chosen(int mutant);
constexpr bool mutated(int mutant) { return !std::is_constant_evaluated() && is_chosen(mutant); }

// `a <less(i, j)> b` is a < b: true in mutant i, a <= b in mutant j. `a <not_less(i, j)> b` is a >=
// b: false in i, a > b in j. These bind as < and >= do, so whatever stood around them means what it
// did.
struct less {
  int removed, shifted;
  constexpr less(int i, int j) : removed(i), shifted(j) {}
};
struct not_less {
  int removed, shifted;
  constexpr not_less(int i, int j) : removed(i), shifted(j) {}
};
template <class Op, class T>
struct Left {
  Op op;
  T a;
};
template <class T>
constexpr Left<less, T> operator<(T a, less op) {
  return {op, a};
}
template <class T>
constexpr Left<not_less, T> operator<(T a, not_less op) {
  return {op, a};
}
template <class T, class U>
constexpr bool operator>(Left<less, T> left, U b) {
  return mutated(left.op.removed) || (mutated(left.op.shifted) ? left.a <= b : left.a < b);
}
template <class T, class U>
constexpr bool operator>(Left<not_less, T> left, U b) {
  return !mutated(left.op.removed) && (mutated(left.op.shifted) ? left.a > b : left.a >= b);
}

}  // namespace mien::mutants
