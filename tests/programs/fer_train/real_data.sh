#!/usr/bin/env bash
# One short epoch on the Kaggle folders that MIEN_FER_DATA names.
. "$(dirname "$0")/common.sh"

if [ -z "${MIEN_FER_DATA:-}" ]; then
  echo "skipped: MIEN_FER_DATA does not name the folder that holds train and validation"
  exit 4
fi
train --data "$MIEN_FER_DATA" --model small --batch-size 32 --limit 256 --epochs 1 --out run
says "Found 28709 images belonging to 7 classes."
says "Kept 256 training and 32 validation images (--limit 256)."
[ "$(wc -l < run/history.csv)" -eq 2 ] || fail "history.csv has not one line an epoch"
