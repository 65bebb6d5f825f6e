#!/usr/bin/env bash
# A run that is killed (kill -9) again and again goes on, and ends as if nothing had been.
. "$(dirname "$0")/common.sh"

run=("${quick[@]}" --limit 32 --epochs 3)
train "${run[@]}" --out whole

again=("${run[@]}" --out killed)
for moment in first-epoch $((RANDOM % 900)) $((RANDOM % 900)) $((RANDOM % 900)); do
  in_background "${again[@]}"
  wait_for "Total params"
  if [ $moment = first-epoch ]; then
    wait_for "Epoch 1/3"
  else
    sleep "$(printf 0.%03d $moment)"
  fi
  kill -KILL $process 2> /dev/null || true
  wait $process 2> /dev/null || true
  [ ! -s err.txt ] || fail "$(cat err.txt)"
  echo "killed at $moment (ms after the summary): $(tail -n 1 out.txt | cut -c 1-70)"
  [ -e killed/checkpoint.mien ] || fail "there is no checkpoint"
  again=(--resume --out killed)
done
train --resume --out killed
same_results whole killed
[ -z "$(find killed -name '*.tmp')" ] || fail "temporary files are left"
