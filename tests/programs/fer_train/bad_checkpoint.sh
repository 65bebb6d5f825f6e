#!/usr/bin/env bash
# What --resume refuses: a missing, damaged or foreign checkpoint, and other settings than its own.
. "$(dirname "$0")/common.sh"

cp -r "$faces" data
train "${quick[@]}" --data data --out run
cp run/checkpoint.mien good

refused "none/checkpoint.mien: cannot be opened: No such file" --resume --out none

with() { # with FILE MESSAGE: where the checkpoint is this file
  cp "$1" run/checkpoint.mien
  refused "run/checkpoint.mien: $2" --resume --out run
  cmp -s "$1" run/checkpoint.mien || fail "a refused checkpoint was changed"
}
size=$(wc -c < good)
for bytes in 0 5 1000 $((size / 2)) $((size - 1)); do
  head -c "$bytes" good > cut
  with cut ""
done
{ head -c $((size / 2)) good; printf x; tail -c +$((size / 2 + 2)) good; } > changed
with changed "damaged checkpoint"
with run/best.h5 ""
LC_ALL=C sed 's/options/Options/' good > foreign
with foreign "damaged checkpoint"
cp good run/checkpoint.mien

other() {
  refused "$1 in the checkpoint run/checkpoint.mien" --resume --out run "${@:2}"
}
other "--model canonical differs from small" --model canonical
other "--epochs 1 differs from 2" --epochs 1
other "--batch-size 16 differs from 8" --batch-size 16
other "--lr 0.001 differs from 0.0001" --lr 1e-3
other "--optimizer sgd differs from adam" --optimizer sgd
other "--augment none differs from light" --augment none
other "--patience 4 differs from 3" --patience 4
other "--plateau-patience 1 differs from 2" --plateau-patience 1
other "--plateau-factor 0.5 differs from 0.2" --plateau-factor 0.5
other "--restore-best 1 differs from 0" --restore-best 1
other "--seed 6 differs from 5" --seed 6
other "--limit 0 differs from 48" --limit 0
other "--conv direct differs from auto" --conv direct
refused "--data $faces differs from $PWD/data" --resume --out run --data "$faces"
refused "--batch-size must be at least 1" --resume --out run --batch-size 0

# The same settings given again, written in another way, and those that may differ.
train --resume --out run --data ./data/ --lr 0.0001 --seed 5 --threads 1 --device cpu --verbose 0

mv data/train/angry data/train/cross
mv data/validation/angry data/validation/cross
refused "run/checkpoint.mien: does not fit this run: its classes are not those" --resume --out run
rm -r data/train/cross data/validation/cross
refused "run/checkpoint.mien: does not fit this run: its classes are not those" --resume --out run
rm -r data
refused "$PWD/data: no such folder" --resume --out run
cmp good run/checkpoint.mien || fail "the checkpoint is no longer what it was"
