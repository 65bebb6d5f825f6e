#!/usr/bin/env bash
# The linker keeps one copy of every weak symbol, whichever file it is from. So an object compiled
# for a wider instruction set must have none that another file may have too: each carries the name
# of the renamed Eigen namespace, or there is none.
# usage: isa_symbols.sh ISA OBJECT...
set -euo pipefail
isa="$1"
shift

# DW.ref.* are pointers to a personality routine: data, the same for every instruction set.
nm --defined-only -C "$@" | awk -v isa="$isa" '
  $2 == "T" { ++functions }
  $2 ~ /^[WVui]$/ {
    ++weak
    if ($0 !~ ("Eigen_" isa "::") && $3 !~ /^DW\.ref\./) { print "weak and shared: " $0; failed = 1 }
  }
  END {
    if (!functions) { print "no function at all: this test looks in the wrong place"; failed = 1 }
    if (failed) exit 1
    print functions " functions; " (weak + 0) " weak symbols, all of " isa " alone"
  }'
