#!/usr/bin/env bash
# Options and folders that cannot be: one line, exit code 2, and an earlier run stays as it is.
. "$(dirname "$0")/common.sh"

train "${quick[@]}" --epochs 1 --out run
cp -r run before

bad() {
  refused "$1" "${quick[@]}" --out run "${@:2}"
}
bad "--batch-size must be at least 1; got 0" --batch-size 0
bad "--batch-size must be at least 1; got -3" --batch-size -3
bad "got '2.5'" --batch-size 2.5
bad "got 'abc'" --batch-size abc
bad "got ''" --epochs ''
bad "--epochs must be at least 1; got 0" --epochs 0
bad "--lr must be a number above 0; got -1" --lr -1
bad "--lr must be a number above 0; got 0" --lr 0
bad "--lr must be a number above 0; got nan" --lr nan
bad "--lr must be a number above 0; got inf" --lr inf
bad "--lr = abc" --lr abc
bad "--plateau-factor must be above 0 and below 1; got nan" --plateau-factor nan
bad "--plateau-factor must be above 0 and below 1; got 1" --plateau-factor 1
bad "--patience must be at least 0; got -1" --patience -1
bad "--plateau-patience must be at least 0; got -1" --plateau-patience -1
bad "--limit must be at least 0; got -1" --limit -1
bad "got '99999999999999999999'" --limit 99999999999999999999
bad "got '-1'" --seed -1
bad "--threads must be from 0 to 1024; got -1" --threads -1
bad "--threads must be from 0 to 1024; got 100000" --threads 100000
bad "--verbose must be 0, 1 or 2; got 3" --verbose 3
bad "--restore-best must be 0 or 1; got 2" --restore-best 2
bad "--model must be canonical or small; got 'large'" --model large
bad "--optimizer must be adam, adamw, sgd, rmsprop or adagrad; got 'x'" --optimizer x
bad "--augment must be none, light or strong; got ''" --augment ''
bad "--device must be auto, cpu or cuda; got 'gpu'" --device gpu
bad "--conv must be auto, winograd, direct or reference; got 'fft'" --conv fft
bad "--precision must be fp32, tf32 or bf16; got 'fp16'" --precision fp16
bad "--precision tf32 needs a CUDA device; this run is on the CPU" --precision tf32 --device cpu
bad "--precision bf16 needs a CUDA device; this run is on the CPU" --precision bf16 --device cpu
bad "not expected: --nonsense" --nonsense
bad "not expected: word" word
bad "not expected: --two lines" $'--two\nlines'
bad "--epochs: 1 required" --epochs
"$program" --device cuda "${quick[@]}" --limit 8 --epochs 1 --out cuda > out.txt 2> err.txt ||
  bad "device cuda" --device cuda # where this build or machine has none

bad "--data nowhere: no such folder" --data nowhere
bad "--data must name a folder" --data ''
mkdir -p empty no_classes/train no_images/train/happy no_validation
bad "--data empty: holds neither train/ nor images/train/" --data empty
bad "no_classes/train: has no class folders" --data no_classes
bad "no_images/train/happy: has no png, jpg, jpeg or bmp file in it" --data no_images
cp -r "$faces/train" no_validation/
bad "--data no_validation: holds neither validation/ nor test/" --data no_validation
cp -r "$faces" empty_class
rm empty_class/validation/sad/*
bad "empty_class/validation/sad: has no png, jpg, jpeg or bmp file in it" --data empty_class
rmdir empty_class/validation/sad
bad "empty_class: training and validation have different classes" --data empty_class

echo text > file
refused "--out file: " "${quick[@]}" --out file
refused "--out file/run: " "${quick[@]}" --out file/run
refused "--out must name a folder" "${quick[@]}" --out ''
mkdir locked
chmod 555 locked
if [ "$(id -u)" -ne 0 ]; then # root writes everywhere
  refused "--out locked: cannot be written to" "${quick[@]}" --out locked
fi
[ ! -d /proc/self ] || refused "/proc/self" "${quick[@]}" --out /proc/self

diff -r before run || fail "the earlier run is no longer what it was"

# A loss that is no number: the batch is named, and what was kept before it still serves.
refused "at batch " "${quick[@]}" --optimizer sgd --lr 1e30 --out nan
grep -q "loss" err.txt || fail "the loss is not named: $(cat err.txt)"
refused "at batch " --resume --out nan
