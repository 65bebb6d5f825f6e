#!/usr/bin/env bash
# Measures the CUDA backend on a machine with a GPU, with one command: builds it, runs the tests on the
# device, checks and times its kernels beside cuDNN and cuBLAS and its steps beside PyTorch, and prints
# one table, which it also writes to docs/performance.md. Takes some ten minutes.
#   bench/gpu.sh [--torch PYTHON] [--build DIR]
#   bench/gpu.sh --dry --build DIR    the same steps at tiny sizes on the emulated device of a build
#                                     that is there already: shows that they work, times nothing
# Exits with 1 where a test fails or a kernel computes wrong numbers, never for slowness. Parts whose
# tools are not here are named and left out.
set -euo pipefail

root="$(cd "$(dirname "$0")/.." && pwd)"
dry=no build="" torch=""
while [ $# -gt 0 ]; do
  case "$1" in
    --dry) dry=yes; shift ;;
    --torch) torch="$2"; shift 2 ;;
    --build) build="$2"; shift 2 ;;
    *) echo "gpu.sh: unknown option '$1'; there are --dry, --torch PYTHON, --build DIR" >&2; exit 2 ;;
  esac
done
[ "$dry" = no ] || [ -n "$build" ] || { echo "gpu.sh: --dry needs --build DIR" >&2; exit 2; }
build="${build:-$root/build-gpu}"
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT
failed=0

say() { echo "== $*"; }
left_out() { echo "   left out: $*" | tee -a "$out/left_out.txt"; }
have() { command -v "$1" > /dev/null; }

if [ "$dry" = no ]; then
  say "machine"
  have nvidia-smi || { echo "gpu.sh: nvidia-smi is missing: no driver here" >&2; exit 2; }
  nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm,clocks.max.mem --format=csv,noheader |
    tee "$out/machine.txt"

  say "build"
  peers=OFF
  [ -f "${CUDA_HOME:-/usr/local/cuda}/include/cudnn.h" ] || [ -f /usr/include/cudnn.h ] && peers=ON
  cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DMIEN_CUDA=ON \
    -DMIEN_CUDA_ARCHITECTURES=native -DMIEN_BENCH_PEERS=$peers > "$out/configure.txt" ||
    { cat "$out/configure.txt"; exit 1; }
  cmake --build "$build" -j "$(nproc)" > "$out/build.txt" || { tail -50 "$out/build.txt"; exit 1; }

  say "tests on the device"
  "$build/tests/test_cuda" -# "[#language_test]" || failed=1  # first what all others stand on
  ctest --test-dir "$build" -L cuda --output-on-failure -j 4 || failed=1
  ctest --test-dir "$build" -LE 'cuda|deep|static' --output-on-failure -j "$(nproc)" || failed=1

  say "compute-sanitizer"
  if have compute-sanitizer; then
    for tool in memcheck racecheck synccheck; do
      timeout 300 compute-sanitizer --tool $tool --error-exitcode 9 "$build/tests/test_cuda" "[cuda]" \
        > "$out/$tool.txt" 2>&1 && echo "   $tool: no report" ||
        { tail -20 "$out/$tool.txt"; failed=1; }
    done
  else
    left_out "compute-sanitizer"
  fi
else
  grep -q emulated <("$build/bench/gpu_bench" --device) ||
    { echo "gpu.sh: --dry: $build is no build with the emulated device" >&2; exit 2; }
  echo "emulated device, nothing is timed" > "$out/machine.txt"
fi

tiny=(); steps=(--device cuda --conv direct)
if [ "$dry" = yes ]; then
  tiny=(--tiny)
  steps+=(--model tiny --batch 2 --seconds 0)
else
  steps+=(--seconds 3)
fi

say "kernels"
"$build/bench/gpu_bench" "${tiny[@]}" | tee "$out/kernels.jsonl" || failed=1
if [ -x "$build/bench/gpu_peers" ] && [ "$dry" = no ]; then
  "$build/bench/gpu_peers" > "$out/peers.jsonl" || left_out "cuDNN and cuBLAS: see above"
else
  left_out "cuDNN and cuBLAS"
fi

say "steps"
for precision in fp32 tf32 bf16; do
  for graph in off on; do
    "$build/bench/fer_step" "${steps[@]}" --precision $precision --graph $graph > "$out/step.txt" 2> "$out/why.txt" &&
      tee -a "$out/steps.jsonl" < "$out/step.txt" ||
      left_out "step in $precision, graph $graph: $(cat "$out/why.txt")"
  done
done
if [ -n "$torch" ] && [ "$dry" = no ]; then
  "$torch" "$root/bench/peers/torch_gpu.py" | tee "$out/torch.jsonl" || left_out "PyTorch: see above"
else
  left_out "PyTorch (--torch PYTHON)"
fi

say "profile of the hottest kernels"
if [ "$dry" = no ] && have ncu; then
  timeout 300 ncu --set basic --launch-skip 200 --launch-count 60 --csv \
    "$build/bench/fer_step" "${steps[@]}" --seconds 0 --graph off > "$out/ncu.csv" 2>&1 ||
    left_out "ncu: $(tail -1 "$out/ncu.csv")"
else
  left_out "ncu"
fi

say "table"
page=()
[ "$dry" = yes ] || page=(--page "$root/docs/performance.md" --commit "$(git -C "$root" rev-parse --short HEAD)")
python3 "$root/bench/gpu_report.py" "$out" "${page[@]}"
exit $failed
