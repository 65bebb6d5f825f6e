#include "lib/train/axes.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace mien::figure {
namespace {

std::string printed(double value, std::chars_format format, int digits) {
  char text[400];
  return std::string(text, std::to_chars(text, text + sizeof text, value, format, digits).ptr);
}

// The least of 1, 2, 2.5, 5, 10 times a power of ten that is not below span / count.
double nice_step(double span, int count) {
  const double least = span / count;
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

// Digits after the point that a multiple of step needs.
int decimals_of(double step) {
  int decimals = 0;
  for (double scaled = step; decimals < 15; ++decimals, scaled *= 10) {
    if (std::fabs(scaled - std::round(scaled)) < 1e-6 * scaled) break;
  }
  return decimals;
}

std::string tick_label(double value, double step, double largest) {
  if (value == 0) return "0";
  if (largest < 1e6 && step >= 1e-5) return fixed(value, decimals_of(step));
  const double exponent = std::floor(std::log10(std::fabs(value)) + 1e-12);
  const int digits = std::clamp(decimals_of(step / std::pow(10, exponent)), 0, 12);
  std::string label = printed(value, std::chars_format::scientific, digits);
  if (const std::size_t zero = label.find(".0e"); zero != label.npos) label.erase(zero, 2);
  return label;
}

std::vector<Tick> linear_ticks(const Scale& scale, int count) {
  const double step = nice_step(scale.high - scale.low, count);
  const double largest = std::max(std::fabs(scale.low), std::fabs(scale.high));
  std::vector<Tick> ticks;
  const double first = std::ceil(scale.low / step - 1e-9);
  for (int i = 0; i <= count + 1; ++i) {
    const double value = (first + i) * step;
    if (value > scale.high + 1e-9 * step) break;
    ticks.push_back({value, tick_label(value, step, largest)});
  }
  return ticks;
}

std::string power_label(int exponent, bool plain) {
  if (plain) return fixed(std::pow(10, exponent), std::max(0, -exponent));
  return "1e" + std::to_string(exponent);
}

std::vector<Tick> logarithmic_ticks(const Scale& scale, int count) {
  const int first = int(std::ceil(std::log10(scale.low) - 1e-9));
  const int last = int(std::floor(std::log10(scale.high) + 1e-9));
  if (last <= first) return linear_ticks(scale, count);
  const int step = (last - first) / count + 1;
  const bool plain = first >= -4 && last <= 5;
  std::vector<Tick> ticks;
  for (int e = first; e <= last; e += step)
    ticks.push_back({std::pow(10, e), power_label(e, plain)});
  return ticks;
}

}  // namespace

double Scale::position(double value) const {
  if (!logarithmic) return (value - low) / (high - low);
  return (std::log(value) - std::log(low)) / (std::log(high) - std::log(low));
}

Scale scale_for(const std::vector<double>& values, bool logarithmic) {
  if (values.empty()) return {0, 1, false};
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double low = *least, high = *most;
  if (logarithmic) {
    const double room = std::max(1.1, std::pow(high / low, 0.05));
    return {low / room, high * room, true};
  }
  // Rounding noise of a constant is no curve.
  const bool constant = high - low <= 1e-9 * std::max(std::fabs(low), std::fabs(high));
  const double room = !constant ? 0.05 * (high - low) : low == 0 ? 1 : 0.1 * std::fabs(low);
  return {low - room, high + room, false};
}

std::vector<Tick> ticks_for(const Scale& scale, int count) {
  return scale.logarithmic ? logarithmic_ticks(scale, count) : linear_ticks(scale, count);
}

std::vector<Tick> epoch_ticks(int last, int count) {
  const double nice = nice_step(last, count);
  const int step = nice < 1 ? 1 : nice == 2.5 ? 5 : int(std::lround(nice));
  std::vector<Tick> ticks;
  if (step >= 5) ticks.push_back({1, "1"});
  for (int epoch = step; epoch <= last; epoch += step) {
    ticks.push_back({double(epoch), std::to_string(epoch)});
  }
  return ticks;
}

std::string fixed(double value, int decimals) {
  return printed(value, std::chars_format::fixed, decimals);
}

std::string readable(double value) {
  const double magnitude = std::fabs(value);
  const bool plain = magnitude == 0 || (magnitude >= 1e-3 && magnitude < 1e6);
  return plain ? fixed(value, 4) : printed(value, std::chars_format::scientific, 3);
}

Point Axes::at(double x_value, double y_value) const {
  return {area.left + x.position(x_value) * area.width(),
          area.bottom - y.position(y_value) * area.height()};
}

}  // namespace mien::figure
