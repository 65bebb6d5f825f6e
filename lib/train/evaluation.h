#pragma once

#include <span>

#include "lib/train/trainer_parts.h"
#include "mien/data/data_loader.h"

namespace mien {

/// What evaluate_epoch() is told.
struct Evaluation {
  const char* prefix = "";                      // before each name in the logs
  std::span<Metric* const> also{};              // brought up to date, too
  const Callable<bool()>* interrupt = nullptr;  // asked after each batch
};

/// Loss and metrics over one epoch of the loader (its first order), appended to logs; resets the
/// metrics first. False where it was interrupted; logs are as before then.
bool evaluate_epoch(TrainerParts& parts, DataLoader& data, const Evaluation& evaluation,
                    Logs& logs);

}  // namespace mien
