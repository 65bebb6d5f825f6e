#include "examples/fer/faces.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "examples/fer/canvas.h"
#include "mien/base/error.h"
#include "mien/base/philox.h"

namespace fer {
namespace {

/// What the muscles do; lengths in halves of the face's height, upwards positive.
struct Expression {
  double brow_inner = 0, brow_outer = 0;  // raised ends of the brows
  double brow_arch = 0.05;                // raised middle
  double eye = 0.10;                      // half height of the opening
  double squint = 0;                      // 0: round lower lid, 1: raised
  double corners = 0;                     // raised mouth corners
  double gape = 0;                        // height of the open mouth
  double width = 0.27;                    // half the mouth's
  double lip = 0;                         // raised middle of the upper lip
  double wrinkle = 0;                     // of the nose, 0..1
  double folds = 0;                       // from nose to mouth corners, 0..1
  double teeth = 0;                       // share of the gape
};

constexpr std::size_t kNeutral = 4;

const std::array<Expression, 7> kTable{{
    // angry: brows down and together, narrowed eyes, pressed or bared mouth
    {.brow_inner = -0.13,
     .brow_outer = 0.06,
     .brow_arch = 0.0,
     .eye = 0.075,
     .squint = 0.5,
     .corners = -0.06,
     .gape = 0.03,
     .width = 0.24,
     .folds = 0.2,
     .teeth = 0.9},
    // disgust: wrinkled nose, raised upper lip, deep folds
    {.brow_inner = -0.07,
     .brow_outer = 0.0,
     .brow_arch = 0.03,
     .eye = 0.07,
     .squint = 0.8,
     .corners = -0.07,
     .gape = 0.05,
     .width = 0.23,
     .lip = 0.10,
     .wrinkle = 1,
     .folds = 1,
     .teeth = 0.6},
    // fear: brows up and straight, wide eyes, mouth open and drawn wide
    {.brow_inner = 0.15,
     .brow_outer = 0.04,
     .brow_arch = 0.0,
     .eye = 0.15,
     .corners = -0.05,
     .gape = 0.13,
     .width = 0.31,
     .teeth = 0.35},
    // happy: raised corners, squinting, teeth
    {.brow_inner = 0.02,
     .brow_outer = 0.02,
     .brow_arch = 0.07,
     .eye = 0.085,
     .squint = 0.8,
     .corners = 0.15,
     .gape = 0.10,
     .width = 0.34,
     .folds = 0.7,
     .teeth = 0.8},
    // neutral
    {},
    // sad: inner ends of the brows up, drooping lids, corners down
    {.brow_inner = 0.11,
     .brow_outer = -0.06,
     .brow_arch = 0.0,
     .eye = 0.075,
     .corners = -0.13,
     .width = 0.24},
    // surprise: arched brows, wide eyes, round mouth
    {.brow_inner = 0.12,
     .brow_outer = 0.11,
     .brow_arch = 0.10,
     .eye = 0.15,
     .gape = 0.27,
     .width = 0.18},
}};

/// Neutral at strength 0, the expression at 1; every part a little off by chance.
Expression posed(std::size_t which, double strength, mien::PhiloxStream& random) {
  const Expression &a = kTable[kNeutral], &b = kTable[which];
  const auto mix = [&](double Expression::*part, double spread) {
    return a.*part + strength * (b.*part - a.*part) + random.uniform(-spread, spread);
  };
  Expression e;
  e.brow_inner = mix(&Expression::brow_inner, 0.025);
  e.brow_outer = mix(&Expression::brow_outer, 0.025);
  e.brow_arch = mix(&Expression::brow_arch, 0.03);
  e.eye = std::max(mix(&Expression::eye, 0.015), 0.04);
  e.squint = std::clamp(mix(&Expression::squint, 0.15), 0.0, 1.0);
  e.corners = mix(&Expression::corners, 0.025);
  e.gape = std::max(mix(&Expression::gape, 0.02), 0.0);
  e.width = mix(&Expression::width, 0.03);
  e.lip = mix(&Expression::lip, 0.01);
  e.wrinkle = std::max(mix(&Expression::wrinkle, 0.1), 0.0);
  e.folds = std::max(mix(&Expression::folds, 0.15), 0.0);
  e.teeth = mix(&Expression::teeth, 0.2);
  return e;
}

/// What makes a person: the same for all expressions.
struct Person {
  double skin, hair, line;  // shades
  double width, jaw;        // of the head
  double eye_gap, eye_y, eye_width, iris;
  double brow_y, brow_thickness;
  double nose, mouth_y;
  double hairline, hair_slope;
  bool long_hair, bald, glasses, beard;
  Point turn;  // of the head: features move on it

  explicit Person(mien::PhiloxStream& random)
      : skin(random.uniform(0.5, 0.9)),
        hair(random.uniform() < 0.25 ? random.uniform(0.5, 0.85) : random.uniform(0.05, 0.3)),
        line(skin * random.uniform(0.25, 0.5)),
        width(random.uniform(0.66, 0.8)),
        jaw(random.uniform(0.68, 0.98)),
        eye_gap(random.uniform(0.27, 0.33)),
        eye_y(random.uniform(-0.16, -0.06)),
        eye_width(random.uniform(0.14, 0.18)),
        iris(random.uniform(0.06, 0.08)),
        brow_y(random.uniform(0.19, 0.25)),
        brow_thickness(random.uniform(0.045, 0.09)),
        nose(random.uniform(0.22, 0.32)),
        mouth_y(random.uniform(0.44, 0.54)),
        hairline(random.uniform(-0.72, -0.5)),
        hair_slope(random.uniform(-0.25, 0.25)),
        long_hair(random.uniform() < 0.4),
        bald(random.uniform() < 0.15),
        glasses(random.uniform() < 0.15),
        beard(random.uniform() < 0.12),
        turn{random.uniform(-0.09, 0.09), random.uniform(-0.05, 0.05)} {}
};

void draw_head(Canvas& canvas, const Person& who) {
  if (who.long_hair && !who.bald) {
    canvas.ellipse({0, 0.05}, {who.width * 1.25, 1.1}, who.hair);
  }
  const double side = who.skin * 0.85;
  canvas.ellipse({-who.width, 0.05}, {0.1, 0.17}, side);
  canvas.ellipse({who.width, 0.05}, {0.1, 0.17}, side);
  canvas.ellipse({0, -0.1}, {who.width, 0.85}, who.skin);
  canvas.ellipse({0, 0.3}, {who.width * who.jaw, 0.65}, who.skin);
  if (who.beard) {
    const Curve upper{{-0.8, 0.3}, {0, 0.6}, {0.8, 0.3}}, lower{{-0.8, 1}, {0, 1}, {0.8, 1}};
    canvas.ellipse_between({0, 0.3}, {who.width * who.jaw, 0.65}, upper, lower,
                           (who.hair + who.skin) / 2);
  }
  if (!who.bald) {
    canvas.ellipse_above({0, -0.1}, {who.width * 1.06, 0.92}, who.hairline, who.hair_slope,
                         who.hair);
  }
}

/// side: -1 left, 1 right.
void draw_eye(Canvas& canvas, const Person& who, const Expression& e, double side, Point gaze) {
  const Point c{side * who.eye_gap + who.turn.x, who.eye_y + who.turn.y};
  const Point left{c.x - who.eye_width, c.y}, right{c.x + who.eye_width, c.y};
  // A quadratic's middle lies halfway to its bend.
  const Curve upper{left, {c.x, c.y - 2 * e.eye}, right};
  const Curve lower{left, {c.x, c.y + 2 * e.eye * (1 - 0.9 * e.squint)}, right};
  canvas.between(upper, lower, std::min(who.skin * 1.3 + 0.15, 1.0));
  canvas.ellipse_between({c.x + gaze.x, c.y + gaze.y}, {who.iris, who.iris}, upper, lower, 0.08);
  canvas.stroke(upper, 0.045, who.line * 0.6);
  canvas.stroke(lower, 0.02, who.line);

  const double inner = c.x - side * 0.17, outer = c.x + side * 0.19, y = c.y - who.brow_y;
  const Curve brow{{inner, y - e.brow_inner},
                   {c.x, y - (e.brow_inner + e.brow_outer) / 2 - 1.4 * e.brow_arch},
                   {outer, y - e.brow_outer}};
  canvas.stroke(brow, who.brow_thickness, std::min(who.hair, who.skin * 0.5));

  if (who.glasses) {
    for (int i = 0; i < 4; ++i) {  // a ring of four curves
      const double sx = i % 2 ? 1 : -1, sy = i < 2 ? -1 : 1, rx = 0.22, ry = 0.19;
      canvas.stroke({{c.x + sx * rx, c.y}, {c.x + sx * rx, c.y + sy * ry}, {c.x, c.y + sy * ry}},
                    0.03, 0.1);
    }
  }
}

void draw_nose(Canvas& canvas, const Person& who, const Expression& e) {
  const double x = who.turn.x * 1.3, top = who.eye_y + who.turn.y + 0.05, tip = top + who.nose;
  const double side = who.turn.x >= 0 ? 0.06 : -0.06;
  canvas.stroke({{x, top}, {x + side, (top + tip) / 2}, {x + 1.4 * side, tip}}, 0.03, who.line,
                0.6);
  canvas.stroke({{x - 0.09, tip}, {x, tip + 0.07}, {x + 0.09, tip}}, 0.035, who.line);
  if (e.wrinkle > 0.2) {
    const double cover = std::min(e.wrinkle, 1.0);
    for (const double y : {0.02, 0.09}) {
      canvas.stroke({{x - 0.09, top + y}, {x, top + y - 0.06}, {x + 0.09, top + y}}, 0.03, who.line,
                    cover);
    }
  }
  if (e.folds > 0.2) {
    const double cover = std::min(e.folds, 1.0) * 0.8;
    for (const double s : {-1.0, 1.0}) {
      const double corner = x + s * (e.width + 0.1);
      canvas.stroke({{x + s * 0.13, tip - 0.03},
                     {corner, tip + 0.03},
                     {corner, who.mouth_y + who.turn.y - e.corners}},
                    0.03, who.line, cover);
    }
  }
}

void draw_mouth(Canvas& canvas, const Person& who, const Expression& e, double lean) {
  const double x = who.turn.x, y = who.mouth_y + who.turn.y;
  const Point left{x - e.width, y - e.corners * (1 - lean)};
  const Point right{x + e.width, y - e.corners * (1 + lean)};
  // The middle of the closed mouth stays where it is while the corners move.
  const double middle = y + e.corners * 0.8;
  const double upper_y = middle - e.gape * 0.5 - e.lip * 1.5, lower_y = middle + e.gape * 1.5;
  const Curve upper{left, {x, upper_y}, right}, lower{left, {x, lower_y}, right};
  const double lips = who.skin * 0.62;
  if (e.gape > 0.025) {
    canvas.between(upper, lower, 0.1);
    if (e.teeth > 0.2) {
      const double down = (lower_y - upper_y) * std::clamp(e.teeth, 0.0, 0.95);
      canvas.between(upper, {left, {x, upper_y + down}, right}, 0.92);
    }
    canvas.stroke(lower, 0.055, lips);
    canvas.stroke(upper, 0.05, lips);
  } else {
    canvas.stroke({left, {x, lower_y + 0.1}, right}, 0.05, who.skin * 0.8);
    canvas.stroke(upper, 0.055, who.line * 0.8);
  }
}

}  // namespace

mien::Image draw_face(std::size_t expression, std::uint64_t seed, std::int64_t number, int size) {
  MIEN_CHECK(expression < kTable.size(), ValueError, "faces: expression must be in 0..6; got ",
             expression);
  MIEN_CHECK(size >= 16, ValueError, "faces: size must be at least 16; got ", size);
  mien::PhiloxStream random(seed, expression, std::uint64_t(number));
  const Person who(random);
  const Expression e = posed(expression, random.uniform(0.6, 1.05), random);

  Canvas canvas(size);
  canvas.background(random.uniform(0.1, 0.9),
                    {random.uniform(-0.25, 0.25), random.uniform(-0.25, 0.25)});
  canvas.place({.angle = random.uniform(-0.14, 0.14),
                .scale = random.uniform(0.92, 1.08),
                .shift = {random.uniform(-0.06, 0.06), random.uniform(-0.05, 0.05)}});
  draw_head(canvas, who);
  draw_nose(canvas, who, e);
  const Point gaze{random.uniform(-0.03, 0.03), random.uniform(-0.01, 0.02)};
  draw_eye(canvas, who, e, -1, gaze);
  draw_eye(canvas, who, e, 1, gaze);
  draw_mouth(canvas, who, e, random.uniform(-0.3, 0.3));
  canvas.light({random.uniform(-0.3, 0.3), random.uniform(-0.2, 0.2)});

  const double contrast = random.uniform(0.7, 1), brightness = random.uniform(-0.1, 0.1);
  const double noise = random.uniform(0.01, 0.05);
  mien::Image image = mien::make_image(size, size, 1);
  const std::vector<double> shades = canvas.pixels();
  for (std::size_t i = 0; i < shades.size(); ++i) {
    const double shade = 0.5 + contrast * (shades[i] - 0.5) + brightness + noise * random.normal();
    image.pixels[i] = std::uint8_t(std::clamp(shade, 0.0, 1.0) * 255 + 0.5);
  }
  return image;
}

void write_faces(const std::string& folder, const FacesOptions& options) {
  MIEN_CHECK(options.train_per_class > 0 && options.validation_per_class > 0, ValueError,
             "faces: counts must be positive; got ", options.train_per_class, " and ",
             options.validation_per_class);
  const auto write = [&](const char* part, int first, int count) {
    for (std::size_t e = 0; e < kExpressions.size(); ++e) {
      const std::string place = folder + "/" + part + "/" + kExpressions[e];
      std::error_code error;
      std::filesystem::create_directories(place, error);
      MIEN_CHECK(!error, IoError, "faces: ", place, ": ", error.message());
      for (int i = 0; i < count; ++i) {
        char name[16];
        std::snprintf(name, sizeof name, "/%04d.png", i);
        mien::write_image(place + name, draw_face(e, options.seed, first + i, options.size));
      }
    }
  };
  write("train", 0, options.train_per_class);
  write("validation", options.train_per_class, options.validation_per_class);
}

}  // namespace fer
