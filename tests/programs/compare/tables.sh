#!/usr/bin/env bash
# bench/compare.py measures mien alone where no peer is given, keeps the page around its tables and
# the figures of earlier runs, and refuses what it does not know. usage: tables.sh SOURCE BUILD
set -euo pipefail
command -v python3 > /dev/null || {
  echo "skipped: there is no python3"
  exit 4
}
compare=("$1/bench/compare.py" --build "$2" --rounds 1 --threads 2)
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT
export PYTHONDONTWRITEBYTECODE=1

fail() {
  cat "$out"/*.md "$out/err" 2> /dev/null || true
  echo "FAILED: $*"
  exit 1
}

printf 'Before.\n<!-- compare.py: begin -->\nold\n<!-- compare.py: end -->\nAfter.\n' > "$out/page.md"
python3 "${compare[@]}" --only gemm,loader --out "$out/page.md" > "$out/said" 2> "$out/err" || fail "exit code $?"
[ "$(head -1 "$out/page.md") $(tail -1 "$out/page.md")" = "Before. After." ] || fail "the page was lost"
! grep -qx old "$out/page.md" || fail "the old table is still there"
grep -qE '^\| 2304x512x1152 \| [0-9.]+ \| \*\*[0-9]+%\*\* \| skipped \| 80% ' "$out/page.md" || fail "no products"
grep -qF '| loader with augmentation | | | skipped: no --images |' "$out/page.md" || fail "the loader is not skipped"
grep -qE '^CPU: .* Threads: 2\. mien [0-9]' "$out/page.md" || fail "the machine is not named"
python3 -c 'import json, sys; json.load(open(sys.argv[1]))["results"]["gemm"]["peak"][0] > 0' "$out/page.json" ||
  fail "no figures"

python3 "${compare[@]}" --only loader --out "$out/page.md" > "$out/said" 2> "$out/err" || fail "exit code $?"
grep -q '^| 2304x512x1152 ' "$out/page.md" || fail "the figures of the last run are lost"

code=0
python3 "${compare[@]}" --only speed --out "$out/page.md" > "$out/said" 2> "$out/err" || code=$?
[ $code -eq 2 ] || fail "exit code $code for an unknown row"
grep -q "unknown row 'speed'" "$out/err" || fail "the unknown row is not named"
