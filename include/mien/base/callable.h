#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace mien {

/// Only for signatures, such as Callable<double(int)>.
template <class Signature>
class Callable;

/// Holds anything that can be called so: a function, a lambda, an object with operator(). What
/// std::function is for, without its header; copies share one callee.
///
/// ```cpp
/// Callable<double(double)> twice = [](double x) { return 2 * x; };
/// double four = twice(2);
/// ```
template <class Result, class... Args>
class Callable<Result(Args...)> {
 public:
  /// Holds nothing and must not be called; as a bool it is false.
  Callable() = default;
  template <class F>
  requires(!std::same_as<F, Callable> && std::is_invocable_r_v<Result, F&, Args...>)
      Callable(F callee)
      : callee_(std::make_shared<Holder<F>>(std::move(callee))) {}

  /// Whether it holds anything.
  explicit operator bool() const { return callee_ != nullptr; }
  /// Calls it.
  Result operator()(Args... args) const { return callee_->call(std::forward<Args>(args)...); }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual Result call(Args... args) = 0;
  };
  template <class F>
  struct Holder final : Base {
    explicit Holder(F f) : callee(std::move(f)) {}
    Result call(Args... args) override { return callee(std::forward<Args>(args)...); }
    F callee;
  };
  std::shared_ptr<Base> callee_;
};

}  // namespace mien
