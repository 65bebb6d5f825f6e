#include "lib/data/sample_pipeline.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "lib/core/kernels_for.h"
#include "lib/data/image_change.h"
#include "lib/data/permutation.h"
#include "mien/base/error.h"

namespace mien::detail {
namespace {

template <class T>
std::span<const T> typed(const std::byte* bytes, const Field& field) {
  return {reinterpret_cast<const T*>(bytes), std::size_t(field.shape.numel())};
}

std::size_t bytes_of(const Field& field) {
  return std::size_t(field.shape.numel()) * size_of(field.dtype);
}

std::byte* row_of(const Tensor& batch, const Field& field, std::int64_t row) {
  return static_cast<std::byte*>(batch.raw()) + std::size_t(row) * bytes_of(field);
}

bool standardizes(const StandardizeOptions& options) {
  return options.rescale != 1 || options.samplewise_center || options.samplewise_std_normalization;
}

bool is_image(const Field& field) {
  return field.shape.rank() == 3 && (field.dtype == DType::u8 || field.dtype == DType::f32);
}

}  // namespace

SamplePipeline::SamplePipeline(const Dataset& dataset, const DataLoaderOptions& options)
    : dataset_(dataset),
      augment_(options.augment.value_or(AugmentOptions{})),
      augments_(options.augment.has_value()),
      standardize_{options.rescale, options.samplewise_center,
                   options.samplewise_std_normalization},
      image_args_(augment_args(augment_, standardize_)),
      labels_(options.labels),
      seed_(options.seed + kAugmentSalt),
      weighted_(dataset.fields().weighted) {
  const Fields& fields = dataset.fields();
  for (const Field& field : fields.inputs) inputs_.push_back(input_step(field));
  for (const Field& field : fields.targets) targets_.push_back(target_step(field));
  const auto changes = [&](Change a, Change b) {
    return std::any_of(inputs_.begin(), inputs_.end(),
                       [&](const Step& s) { return s.change == a || s.change == b; });
  };
  MIEN_CHECK(!augments_ || changes(Change::image, Change::image), ValueError,
             "data loader: augment needs an input that is an image, [H, W, C] of u8 or f32");
  MIEN_CHECK(!standardizes(standardize_) || changes(Change::image, Change::floats), ValueError,
             "data loader: rescale and samplewise_* need an input that is an image, [H, W, C] of "
             "u8 or f32, or another one of u8");
}

SamplePipeline::Step SamplePipeline::input_step(const Field& field) const {
  if (!is_image(field)) {
    if (field.dtype != DType::u8) return {field, field, Change::none, true};
    return {field, {field.name, DType::f32, field.shape}, Change::floats, false};
  }
  Field out{field.name, DType::f32, field.shape};
  if (augments_) {
    const int height = int(field.shape[0]), width = int(field.shape[1]);
    check_augmentation(augment_, height, width);
    if (augment_.crop.height > 0) out.shape[0] = augment_.crop.height;
    if (augment_.crop.width > 0) out.shape[1] = augment_.crop.width;
  }
  return {field, out, Change::image, field.dtype == DType::f32 && !augments_};
}

SamplePipeline::Step SamplePipeline::target_step(const Field& field) const {
  if (field.classes > 0 && labels_ == Labels::categorical) {
    return {field, {field.name, DType::f32, {field.classes}}, Change::one_hot, false};
  }
  if (field.dtype != DType::u8) return {field, field, Change::none, true};
  return {field, {field.name, DType::i32, field.shape}, Change::ints, false};
}

/// Whether such a step's images are left for a device to finish.
bool SamplePipeline::left(const Step& step, Images images) const {
  return images == Images::as_read && step.change == Change::image &&
         (step.in.dtype == DType::u8 || augments_ || standardizes(standardize_));
}

bool SamplePipeline::has_images() const {
  return std::any_of(inputs_.begin(), inputs_.end(),
                     [this](const Step& step) { return left(step, Images::as_read); });
}

Batch SamplePipeline::allocate(std::int64_t n, Images images) const {
  const auto array = [n](const Field& field) {
    return Tensor::empty(join({n}, field.shape), {.dtype = field.dtype, .device = kCpu});
  };
  Batch batch;
  const Field change{"change", DType::u8, {std::int64_t(sizeof(ImageChange))}};
  for (const Step& step : inputs_) {
    batch.inputs.push_back(array(left(step, images) ? step.in : step.out));
    batch.changes.push_back(left(step, images) ? array(change) : Tensor());
  }
  for (const Step& step : targets_) batch.targets.push_back(array(step.out));
  if (weighted_) batch.weights = array({.dtype = DType::f32});
  return batch;
}

SampleScratch SamplePipeline::scratch() const {
  SampleScratch scratch;
  for (const std::vector<Step>* steps : {&inputs_, &targets_}) {
    for (const Step& step : *steps) scratch.emplace_back(step.direct ? 0 : bytes_of(step.in));
  }
  return scratch;
}

Shapes SamplePipeline::input_shapes() const {
  Shapes shapes;
  for (const Step& step : inputs_) shapes.push_back(step.out.shape);
  return shapes;
}

void SamplePipeline::fill(std::int64_t i, std::int64_t epoch, std::int64_t row, Batch& batch,
                          SampleScratch& scratch, Images images) const {
  Few<std::span<std::byte>, 8> into;
  const auto place = [&](const std::vector<Step>& steps, const Tensors& tensors) {
    for (std::size_t s = 0; s < steps.size(); ++s) {
      const bool as_read = left(steps[s], images);
      std::byte* const direct = row_of(tensors[s], as_read ? steps[s].in : steps[s].out, row);
      std::byte* const buffer = steps[s].direct || as_read ? direct : scratch[into.size()].data();
      into.push_back({buffer, bytes_of(steps[s].in)});
    }
  };
  place(inputs_, batch.inputs);
  place(targets_, batch.targets);
  if (weighted_) {
    into.push_back({row_of(batch.weights, {.dtype = DType::f32}, row), sizeof(float)});
  }
  dataset_.read(i, std::span<const std::span<std::byte>>(into.data(), into.size()));

  // Images of one sample get the same draws, so that pairs (image and mask) stay together.
  const PhiloxStream random(seed_, std::uint64_t(epoch), std::uint64_t(i));
  for (std::size_t s = 0; s < inputs_.size(); ++s) {
    if (left(inputs_[s], images)) {
      const ImageChange change = change_of(inputs_[s], random);
      std::memcpy(batch.changes[s].data<std::uint8_t>() + std::size_t(row) * sizeof change, &change,
                  sizeof change);
    } else {
      convert(inputs_[s], into[s].data(), row_of(batch.inputs[s], inputs_[s].out, row), random);
    }
  }
  for (std::size_t s = 0; s < targets_.size(); ++s) {
    convert(targets_[s], into[inputs_.size() + s].data(),
            row_of(batch.targets[s], targets_[s].out, row), random);
  }
}

ImageChange SamplePipeline::change_of(const Step& step, const PhiloxStream& random) const {
  if (!augments_) return no_change();
  PhiloxStream draws = random;
  return image_change(
      draw_augmentation(augment_, int(step.in.shape[0]), int(step.in.shape[1]), draws));
}

void SamplePipeline::convert(const Step& step, const std::byte* from, std::byte* to,
                             const PhiloxStream& random) const {
  const std::span<float> floats{reinterpret_cast<float*>(to), std::size_t(step.out.shape.numel())};
  switch (step.change) {
    case Change::none:
      return;
    case Change::image: {
      const ImageChange change = change_of(step, random);
      AugmentArgs args = image_args_;
      set_sizes(args, 1, step.in.shape, step.out.shape);
      args.from = step.in.dtype;
      args.x = from;
      args.changes = &change;
      args.y = floats.data();
      kernels_for(kCpu, DType::f32).augment(args, nullptr);
      return;
    }
    case Change::floats:
      std::copy_n(typed<std::uint8_t>(from, step.in).data(), floats.size(), floats.data());
      standardize(standardize_, floats);
      return;
    case Change::one_hot: {
      const std::int32_t label = *reinterpret_cast<const std::int32_t*>(from);
      MIEN_CHECK(label >= 0 && label < step.in.classes, ValueError, "data loader: class ", label,
                 " of '", step.in.name, "' is not below ", step.in.classes);
      std::fill(floats.begin(), floats.end(), 0.0f);
      floats[std::size_t(label)] = 1;
      return;
    }
    case Change::ints:
      std::copy_n(typed<std::uint8_t>(from, step.in).data(), floats.size(),
                  reinterpret_cast<std::int32_t*>(to));
      return;
  }
}

}  // namespace mien::detail
