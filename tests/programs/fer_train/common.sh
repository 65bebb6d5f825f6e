# shellcheck shell=bash
# What the tests of fer_train share. Each is called as: TEST.sh FER_TRAIN WORK_DIR SOURCE_DIR;
# WORK_DIR/faces holds a few of the drawn faces (drawn_faces.sh puts them there).
set -euo pipefail

program="$(realpath "$1")"
faces="$(realpath "$2")/faces"
work="$2/$(basename "$0" .sh)"
rm -rf "$work"
mkdir -p "$work"
cd "$work"

# A run of a second or two: 7 x 12 faces to train on, 7 x 4 to validate.
quick=(--data "$faces" --model small --batch-size 8 --limit 48 --epochs 2 --augment light --seed 5
  --threads 2)

fail() {
  echo "FAILED: $*"
  exit 1
}

# train ARGUMENT...: runs the program, which must succeed and be silent on standard error.
train() {
  local code=0
  "$program" "$@" > out.txt 2> err.txt || code=$?
  [ $code -eq 0 ] && [ ! -s err.txt ] || {
    cat out.txt err.txt
    fail "exit code $code of: fer_train $*"
  }
}

# refused MESSAGE ARGUMENT...: the program must end with exit code 2 and with one line on standard
# error, "fer_train: " and words among which is MESSAGE.
refused() {
  local message="$1" code=0
  shift
  "$program" "$@" > out.txt 2> err.txt || code=$?
  [ $code -eq 2 ] && [ "$(wc -l < err.txt)" -eq 1 ] && grep -q '^fer_train: ' err.txt &&
    grep -qF -- "$message" err.txt || {
    tail -5 out.txt
    cat err.txt
    fail "exit code $code and the above, not '$message', of: fer_train $*"
  }
}

# says TEXT: standard output of the last run has this line.
says() {
  grep -qxF -- "$1" out.txt || {
    cat out.txt
    fail "the output lacks the line: $1"
  }
}

# in_background ARGUMENT...: runs the program into out.txt and err.txt; its number is in $process.
in_background() {
  rm -f out.txt err.txt # which the new process may open later than the next line looks
  "$program" "$@" > out.txt 2> err.txt &
  process=$!
}

# ends_with CODE: the program in the background does.
ends_with() {
  local code=0
  wait "$process" || code=$?
  [ $code -eq "$1" ] && [ ! -s err.txt ] || {
    cat out.txt err.txt
    fail "exit code $code of the program in the background, not $1"
  }
}

without_seconds() { sed 's/,"seconds":[^}]*//' "$1"; }

# same_results OUT_A OUT_B: all that a run leaves is the same, byte for byte, but for its duration.
same_results() {
  local file
  for file in best.h5 Emotion_recognition.h5 history.csv confusion_matrix.png samples.png; do
    cmp "$1/$file" "$2/$file" || fail "$file of $1 and of $2 differ"
  done
  cmp <(without_seconds "$1/history.json") <(without_seconds "$2/history.json") ||
    fail "history.json of $1 and of $2 differ"
}

# wait_for TEXT: until the program in the background has printed it.
wait_for() {
  local i
  for ((i = 0; i < 3000; ++i)); do
    ! grep -qF -- "$1" out.txt 2> /dev/null || return 0
    kill -0 "$process" 2> /dev/null || break
    sleep 0.02
  done
  cat out.txt err.txt
  fail "'$1' was not printed"
}
