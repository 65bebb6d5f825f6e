#!/usr/bin/env bash
# Prints the sizes of both kinds of the library and holds them to a budget.
# usage: library_size.sh STATIC_LIBRARY SHARED_LIBRARY BUDGET_KIB
set -euo pipefail
static=$(( $(stat -Lc %s "$1") / 1024 ))
shared=$(( $(stat -Lc %s "$2") / 1024 ))
echo "mien: static library $static KiB, shared library $shared KiB"
[ "$static" -lt "$3" ] && [ "$shared" -lt "$3" ]
