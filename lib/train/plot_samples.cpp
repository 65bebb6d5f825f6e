#include <algorithm>
#include <cmath>

#include "lib/train/figures.h"
#include "lib/train/text.h"
#include "mien/base/error.h"

namespace mien {
namespace figure {
namespace {

constexpr double kMargin = 20, kGap = 14, kLine = 18;
constexpr TextStyle kTitle{.size = 18, .bold = true};
constexpr TextStyle kCaption{.size = 14};

std::string with_arrows(std::string text) {
  for (std::size_t at; (at = text.find("->")) != text.npos;) text.replace(at, 2, "\u2192");
  return text;
}

// At most two lines, broken at a space; what does not fit is cut with "..".
std::vector<std::string> wrapped(const std::string& text, double width) {
  if (text.empty()) return {};
  if (text_width(text, kCaption) <= width) return {text};
  std::size_t end = text.npos;
  for (std::size_t at = text.find(' '); at != text.npos; at = text.find(' ', at + 1)) {
    if (end != text.npos && text_width(text.substr(0, at), kCaption) > width) break;
    end = at;
  }
  if (end == text.npos) return {shortened(text, width, kCaption)};
  return {shortened(text.substr(0, end), width, kCaption),
          shortened(text.substr(end + 1), width, kCaption)};
}

void check(std::span<const Sample> samples, const SamplesOptions& options) {
  MIEN_CHECK(!samples.empty(), ValueError, "plot_samples: there is no sample");
  MIEN_CHECK(options.columns >= 0, ValueError, "plot_samples: columns must be at least 0; got ",
             options.columns);
  MIEN_CHECK(options.tile >= 48 && options.tile <= 1024, ValueError,
             "plot_samples: tile must be in 48..1024; got ", options.tile);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Image& image = samples[i].image;
    MIEN_CHECK(image.height > 0 && image.width > 0 && image.channels >= 1 && image.channels <= 4,
               ValueError, "plot_samples: image ", i, " is empty");
    const std::size_t wanted =
        std::size_t(image.height) * std::size_t(image.width) * std::size_t(image.channels);
    MIEN_CHECK(image.pixels.size() == wanted, ValueError, "plot_samples: image ", i, " needs ",
               wanted, " bytes; has ", image.pixels.size());
  }
}

// Scaled to fit a square tile, its aspect kept.
Image fitted(const Image& image, int tile) {
  const double scale = double(tile) / std::max(image.height, image.width);
  const auto scaled = [&](int size) { return std::max(1, int(std::lround(size * scale))); };
  const Interpolation rule = scale >= 4 ? Interpolation::nearest : Interpolation::bilinear;
  return resize(to_rgb(image), scaled(image.height), scaled(image.width), rule);
}

void draw_image(Canvas& canvas, const Image& image, const Rect& at) {
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const std::uint8_t* p =
          &image.pixels[(std::size_t(y) * std::size_t(image.width) + std::size_t(x)) * 3];
      canvas.set(int(at.left) + x, int(at.top) + y, {p[0], p[1], p[2]});
    }
  }
}

}  // namespace

GridFigure draw_samples(std::span<const Sample> samples, const SamplesOptions& options) {
  check(samples, options);
  const int count = int(samples.size());
  const int columns =
      std::min(count, options.columns > 0 ? options.columns
                                          : int(std::ceil(std::sqrt(1.6 * double(count)))));
  const int rows = (count + columns - 1) / columns;

  std::vector<std::vector<std::string>> captions;
  std::size_t lines = 0;
  for (const Sample& sample : samples) {
    captions.push_back(wrapped(with_arrows(sample.caption), options.tile + kGap - 4));
    lines = std::max(lines, captions.back().size());
  }
  const double cell_width = options.tile + kGap;
  const double cell_height = options.tile + double(lines) * kLine + kGap + (lines > 0 ? 4 : 0);
  const double title = options.title.empty() ? 0 : cap_height(kTitle) + 18;
  const double width = std::max(columns * cell_width - kGap, text_width(options.title, kTitle));
  GridFigure figure{Canvas(int(std::ceil(2 * kMargin + width)),
                           int(std::ceil(2 * kMargin + title + rows * cell_height - kGap))),
                    {}};
  draw_text(figure.canvas, {kMargin, kMargin + cap_height(kTitle)}, options.title, kTitle);

  for (int i = 0; i < count; ++i) {
    const Sample& sample = samples[std::size_t(i)];
    const double left = kMargin + i % columns * cell_width;
    const double top = kMargin + title + i / columns * cell_height;
    const Image image = fitted(sample.image, options.tile);
    Rect at{left + (options.tile - image.width) / 2, top + (options.tile - image.height) / 2, 0, 0};
    at.right = at.left + image.width;
    at.bottom = at.top + image.height;
    const double line = sample.wrong ? 3 : 1;
    const Color color = sample.wrong ? kWrong : kRight;
    figure.canvas.fill({at.left - line, at.top - line, at.right + line, at.bottom + line},
                       sample.wrong ? kWrong : kFrame);
    draw_image(figure.canvas, image, at);
    figure.cells.push_back(at);

    TextStyle style = kCaption;
    style.align = Align::center;
    style.color = color;
    double baseline = top + options.tile + 8 + cap_height(style);
    for (const std::string& text : captions[std::size_t(i)]) {
      draw_text(figure.canvas, {left + options.tile / 2.0, baseline}, text, style);
      baseline += kLine;
    }
  }
  return figure;
}

}  // namespace figure

void plot_samples(std::span<const Sample> samples, std::string_view path,
                  const SamplesOptions& options) {
  figure::write_canvas(figure::draw_samples(samples, options).canvas, path);
}

}  // namespace mien
