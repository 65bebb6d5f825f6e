#!/usr/bin/env bash
# A small program that includes <mien/mien.h> compiles in under 3 s. Processor time counts, the
# better of two: the machine may be busy with other tests.
# usage: compile_time.sh SOURCE_DIR CXX
set -euo pipefail
source="$1/examples/link_me/main.cpp"
grep -q '#include <mien/mien.h>' "$source"

best=1000
TIMEFORMAT=%U
for _ in 1 2; do
  seconds="$({ time "$2" -std=c++20 -O2 -I"$1/include" -c "$source" -o /dev/null; } 2>&1)"
  best="$(awk -v a="$best" -v b="$seconds" 'BEGIN { print a < b ? a : b }')"
done
echo "mien: a program that includes <mien/mien.h> compiles in $best s"
awk -v best="$best" 'BEGIN { exit !(best < 3) }'
