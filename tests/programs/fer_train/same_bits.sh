#!/usr/bin/env bash
# The number of threads changes no bit of what a run leaves.
. "$(dirname "$0")/common.sh"

for threads in 1 2 3; do
  train "${quick[@]}" --augment strong --threads $threads --out threads$threads
done
same_results threads1 threads2
same_results threads1 threads3
train "${quick[@]}" --augment strong --seed 6 --out other_seed
! cmp -s threads1/best.h5 other_seed/best.h5 || fail "another seed gives the same weights"
