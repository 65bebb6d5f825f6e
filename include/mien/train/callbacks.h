#pragma once

// All callbacks that come with mien.

#include "mien/train/callback.h"
#include "mien/train/csv_logger.h"
#include "mien/train/early_stopping.h"
#include "mien/train/learning_rate_scheduler.h"
#include "mien/train/model_checkpoint.h"
#include "mien/train/progress_bar.h"
#include "mien/train/reduce_lr_on_plateau.h"
#include "mien/train/terminate_on_nan.h"
#include "mien/train/training_checkpoint.h"
