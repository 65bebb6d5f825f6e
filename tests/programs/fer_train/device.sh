#!/usr/bin/env bash
# On a CUDA device, real or emulated, a run gives what it gives on the CPU, and either device goes on
# where the other was.
. "$(dirname "$0")/common.sh"

code=0
"$program" --device cuda --data "$faces" --model small --limit 8 --batch-size 4 --epochs 1 \
  --out probe > out.txt 2> err.txt || code=$?
if [ $code -eq 2 ] && grep -q 'device cuda' err.txt; then
  echo "skipped: $(cat err.txt)"
  exit 4
fi
[ $code -eq 0 ] || { cat err.txt; fail "exit code $code"; }
[ "$(grep -c '^Device: cuda:0 (' out.txt)" -eq 1 ] || fail "the device is not named once"

# close RUN_A RUN_B [PART]: their losses differ by less than this part of them, 1e-4.
close() {
  paste -d, "$1/history.csv" "$2/history.csv" | awk -F, -v part="${3:-1e-4}" '
    NR == 1 { for (i = 1; i <= NF; ++i) if ($i ~ /loss/) loss[++n] = i; next }
    { for (i = 1; i <= n / 2; ++i) { d = $loss[i] / $loss[i + n / 2] - 1
        if (d < 0) d = -d; if (!(d < part)) { print "differs by", d; bad = 1 } ++seen } }
    END { exit bad || !seen }' || fail "the losses of $1 and of $2 differ"
}

canonical=(--data "$faces" --limit 16 --batch-size 8 --epochs 1 --conv direct --seed 5 --threads 2)
train "${canonical[@]}" --device cuda --out canonical_cuda
train "${canonical[@]}" --device cpu --out canonical_cpu
close canonical_cuda canonical_cpu

run=(--data "$faces" --model small --limit 8 --batch-size 4 --conv direct --seed 5 --threads 2)
train "${run[@]}" --epochs 2 --device cuda --out whole
in_background "${run[@]}" --epochs 2 --device cuda --out resumed
wait_for "Epoch 2/2"
kill -INT "$process"
ends_with 130
cp -r resumed other
train --resume --device cuda --out resumed
same_results whole resumed

train "${run[@]}" --epochs 2 --device cpu --out cpu
close cpu whole
train --resume --device cpu --out other
close other whole
cp -r cpu back
train --resume --epochs 3 --device cuda --out back
train --resume --epochs 3 --device cpu --out cpu
close back cpu

# TF32 rounds, so it is close, and not the same.
train "${run[@]}" --epochs 2 --device cuda --precision tf32 --out tf32
close tf32 whole 1e-2
! cmp -s tf32/history.csv whole/history.csv || fail "--precision tf32 changed nothing"
refused "--precision fp32 differs from tf32" --resume --out tf32 --precision fp32
