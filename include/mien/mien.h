#pragma once

// All of mien. Its headers may also be included one by one.

#include "mien/autograd.h"
#include "mien/base/box.h"
#include "mien/base/device.h"
#include "mien/base/dtype.h"
#include "mien/base/error.h"
#include "mien/base/few.h"
#include "mien/base/philox.h"
#include "mien/base/ref.h"
#include "mien/base/shape.h"
#include "mien/data/augment.h"
#include "mien/data/image.h"
#include "mien/data/standardize.h"
#include "mien/random.h"
#include "mien/runtime.h"
#include "mien/state.h"
#include "mien/tensor.h"
#include "mien/train/history.h"
#include "mien/train/monitor.h"
#include "mien/train/plot.h"
