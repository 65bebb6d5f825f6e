#!/usr/bin/env bash
# Results that cannot be written, for a full disk or a limit of file sizes: one line, exit code 2,
# and the earlier good files stay whole.
. "$(dirname "$0")/common.sh"

train "${quick[@]}" --epochs 1 --out run
cp -r run before

# at_most KIB MESSAGE ARGUMENT...: refused, where no file may be larger.
at_most() {
  (
    ulimit -f "$1"
    refused "${@:2}"
  )
}
at_most 1000 "run/checkpoint.mien: cannot be written: File too large" "${quick[@]}" --out run
at_most 1000 "run/Emotion_recognition.h5: cannot be written: File too large" --resume --out run
at_most 10000 "run/checkpoint.mien: cannot be written: File too large" --resume --epochs 2 --out run
[ -z "$(find run -name '*.tmp')" ] || fail "temporary files are left"
for file in checkpoint.mien Emotion_recognition.h5; do
  cmp "before/$file" "run/$file" || fail "$file is no longer what it was"
done
train --resume --epochs 2 --out run

# The same on a disk that is really full, where one may be made.
unshare -rm true 2> /dev/null || exit 0
# shellcheck disable=SC2016
export -f refused fail
export program
unshare -rm bash -euc '
  mkdir disk
  mount -t tmpfs -o size=64m none disk 2> /dev/null || exit 0
  cp -r before disk/run
  dd if=/dev/zero of=disk/fill bs=1M count=64 2> /dev/null || true
  truncate -s -2M disk/fill
  refused "disk/run/Emotion_recognition.h5: cannot be written: No space left" --resume \
    --out disk/run
  refused "disk/run/checkpoint.mien: cannot be written: No space left" "$@" --out disk/run
  for file in checkpoint.mien Emotion_recognition.h5; do
    cmp before/$file disk/run/$file
  done' bash "${quick[@]}"
