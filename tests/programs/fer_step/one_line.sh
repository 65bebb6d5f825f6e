#!/usr/bin/env bash
# What fer_step prints, and what it refuses. usage: one_line.sh FER_STEP
set -euo pipefail
program="$(realpath "$1")"
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT

fail() {
  echo "FAILED: $*"
  exit 1
}

# step ARGUMENT...: runs the program on little work; it must print one line with every key, with
# figures that can be true, and nothing on standard error.
step() {
  "$program" --batch 2 --threads 2 --seconds 0 "$@" > "$out/out" 2> "$out/err" || fail "exit $? of $*"
  [ ! -s "$out/err" ] || fail "standard error: $(cat "$out/err")"
  [ "$(wc -l < "$out/out")" -eq 1 ] || fail "not one line: $(cat "$out/out")"
  number='[0-9]+(\.[0-9]+)?'
  for key in ms_median ms_min images_per_second peak_rss_mib first_step_s; do
    grep -qE "[{ ]\"${key}\": ${number}[,}]" "$out/out" || fail "no $key in $(cat "$out/out")"
    ! grep -qE "\"$key\": 0(\.0*)?[,}]" "$out/out" || fail "$key is 0 in $(cat "$out/out")"
  done
  for text in '"batch": 2,' '"threads": 2,' '"steps": 3,' '"precision": "fp32",' '"isa": "' '"cpu": "'; do
    grep -qF "$text" "$out/out" || fail "no $text in $(cat "$out/out")"
  done
}

# refused MESSAGE ARGUMENT...: exit code 2 and one line on standard error.
# shellcheck disable=SC2015 # fail ends the script either way
refused() {
  local message="$1" code=0
  shift
  "$program" "$@" > "$out/out" 2> "$out/err" || code=$?
  [ $code -eq 2 ] && [ ! -s "$out/out" ] && [ "$(wc -l < "$out/err")" -eq 1 ] &&
    grep -qF -- "fer_step: $message" "$out/err" ||
    fail "exit code $code and '$(cat "$out/err")', not '$message', of $*"
}

step --model small
grep -qF '"model": "small"' "$out/out" || fail "the model is not named"
grep -qF '"mode": "train"' "$out/out" || fail "the mode is not named"
step --model resnet18 --mode predict
grep -qF '"mode": "predict"' "$out/out" || fail "the mode is not named"

# The profile comes on standard error and in the file, and leaves the line alone.
cd "$out"
MIEN_PROFILE=trace.json "$program" --model small --batch 1 --threads 2 --seconds 0 > out 2> err
[ "$(wc -l < out)" -eq 1 ] || fail "not one line: $(cat out)"
grep -q '^mien profile: [0-9]* calls of ops took ' err || fail "no profile: $(cat err)"
grep -q '^conv2d_1: conv2d forward ' err || fail "no layer in the profile: $(cat err)"
head -1 trace.json | grep -qF '"traceEvents": [' || fail "no trace: $(head -1 trace.json)"
(
  export MIEN_PROFILE=loud
  refused "MIEN_PROFILE must be 0, 1 or a file whose name ends with .json; got 'loud'"
)

refused "--model must be canonical, small, resnet18 or tiny; got 'large'" --model large
refused "--mode must be train or predict; got 'test'" --mode test
refused "--conv must be auto, winograd, direct or reference; got 'fft'" --conv fft
refused "--batch must be from 1 to " --batch 0
refused "--threads must be from 0 to " --threads -1
refused "--seconds must be from 0 to " --seconds -1
refused "--precision bf16 needs a CUDA device; this run is on the CPU" --precision bf16
refused "--precision bf16 is for --mode train" --precision bf16 --mode predict
refused "Could not convert: --batch = many" --batch many
refused "The following argument was not expected: --fast" --fast
