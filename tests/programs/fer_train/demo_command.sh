#!/usr/bin/env bash
# The command that `make demo` prints and runs is one of this program; shortened, it runs.
. "$(dirname "$0")/common.sh"

command="$(make -n -C "$3" demo | grep -m 1 '^build/examples/fer_train ' || true)"
[ -n "$command" ] || fail "make demo runs no build/examples/fer_train"
read -ra words <<< "$command"
[[ " $command " == *" --model small "*" --out fer_run "* ]] || fail "the command is: $command"
train "${words[@]:1}" --epochs 1 --limit 32
says "Curves: fer_run/history.png (.csv, .json)"
says "Confusion matrix: fer_run/confusion_matrix.png"
says "Samples: fer_run/samples.png"
