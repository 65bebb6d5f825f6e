#!/usr/bin/env bash
# Prints the sizes of both kinds of the library and holds them to budgets in KiB.
# usage: library_size.sh STATIC_LIBRARY STATIC_BUDGET SHARED_LIBRARY SHARED_BUDGET
set -euo pipefail
static=$(( $(stat -Lc %s "$1") / 1024 ))
shared=$(( $(stat -Lc %s "$3") / 1024 ))
echo "mien: static library $static KiB, shared library $shared KiB"
[ "$static" -lt "$2" ] && [ "$shared" -lt "$4" ]
