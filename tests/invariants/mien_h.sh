#!/usr/bin/env bash
# <mien/mien.h> includes every other public header, in order.
# usage: mien_h.sh SOURCE_DIR
set -euo pipefail
cd "$1/include"
diff <(find mien -name '*.h' ! -name mien.h | LC_ALL=C sort) \
  <(sed -n 's/^#include "\(.*\)"$/\1/p' mien/mien.h)
