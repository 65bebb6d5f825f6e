#!/usr/bin/env bash
# bench/gpu.sh at tiny sizes on the emulated device: all parts run, kernels are right, nothing is timed,
# and the page gets the table in its place.
# usage: dry_run.sh SOURCE_DIR BUILD_DIR
set -euo pipefail
source="$1" build="$2"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

fail() { echo "$1"; cat "$folder/out.txt"; exit 1; }

"$source/bench/gpu.sh" --dry --build "$build" > "$folder/out.txt" 2>&1 || fail "it failed"
for part in kernels steps table; do
  grep -q "^== $part" "$folder/out.txt" || fail "no part '$part'"
done
[ "$(grep -c '"right":true' "$folder/out.txt")" -gt 10 ] || fail "hardly a kernel was checked"
! grep -q '"right":false' "$folder/out.txt" || fail "a kernel computes wrong numbers"
grep -q '^| 3x3, 1 to 8, 6x6 | forward | exact | unmeasured |' "$folder/out.txt" || fail "no table"
! grep -qE '^\| fp32 \| [0-9]' "$folder/out.txt" || fail "it states a time of the emulated device"

# The page: what stood between the markers goes, what stood around them stays.
printf 'before\n<!-- gpu.sh: begin -->\nold\n<!-- gpu.sh: end -->\nafter\n' > "$folder/page.md"
grep '^{"bytes"' "$folder/out.txt" > "$folder/kernels.jsonl"
echo "some device" > "$folder/machine.txt"
python3 "$source/bench/gpu_report.py" "$folder" --page "$folder/page.md" --commit abc > "$folder/table.txt"
grep -q 'commit abc' "$folder/page.md" || fail "the page was not written"
[ "$(head -1 "$folder/page.md") $(tail -1 "$folder/page.md")" = "before after" ] || fail "the page lost its text"
! grep -q '^old$' "$folder/page.md" || fail "the old table stayed"

! "$source/bench/gpu.sh" --dry > "$folder/out.txt" 2>&1 || fail "--dry without --build is accepted"
grep -q -- '--dry needs --build' "$folder/out.txt" || fail "no line says why"
