#include "mien/train/terminate_on_nan.h"

#include <cmath>

#include "lib/train/python_text.h"
#include "mien/base/error.h"

namespace mien {

void TerminateOnNaN::on_epoch_begin(int epoch, TrainContext&) { epoch_ = epoch; }

void TerminateOnNaN::on_batch_end(std::int64_t batch, const Logs& logs, TrainContext& context) {
  const double loss = logs.at("loss");
  if (std::isfinite(loss)) return;
  MIEN_CHECK(!options_.raise_error, ValueError, "NaN or Inf loss encountered at batch ", batch,
             " of epoch ", epoch_ + 1, ". Loss value: ", python_text(loss),
             ". Terminating training immediately.");
  context.print(concat("Batch ", batch, ": Invalid loss, terminating training"));
  context.stop();
}

}  // namespace mien
