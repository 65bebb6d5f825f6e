#pragma once

// All of training: the Trainer, losses, metrics, callbacks, the History and its plots.

#include "mien/train/callbacks.h"
#include "mien/train/history.h"
#include "mien/train/loss.h"
#include "mien/train/metrics.h"
#include "mien/train/plot.h"
#include "mien/train/trainer.h"
