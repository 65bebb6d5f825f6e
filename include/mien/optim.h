#pragma once

// Optimizers and learning rate schedules.

#include "mien/optim/adagrad.h"
#include "mien/optim/adam.h"
#include "mien/optim/learning_rate.h"
#include "mien/optim/optimizer.h"
#include "mien/optim/rmsprop.h"
#include "mien/optim/schedules.h"
#include "mien/optim/sgd.h"
