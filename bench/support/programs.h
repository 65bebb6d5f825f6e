#pragma once

#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>
#include <utility>

#include "bench/support/machine.h"
#include "mien/base/conv_math.h"
#include "mien/runtime.h"

// What the programs with Google Benchmark share: each first checks what it is to time.

namespace bench {

/// Says how far a result is from what it is compared with; false where that is too far.
inline bool agrees(const std::string& what, double error, double limit) {
  const bool good = error <= limit;
  std::printf("%-44s error %.1e%s\n", what.c_str(), error, good ? "" : "  TOO LARGE");
  return good;
}

/// Registers a benchmark of one call, in milliseconds of real time. flop and bytes, where not 0,
/// are what a call does at least, and become rates.
template <class Call>
void time_calls(const std::string& name, Call call, double flop, double bytes) {
  const auto run = [call = std::move(call), flop, bytes](benchmark::State& state) {
    for (auto _ : state) call();
    const auto rate = [&state](double amount) {
      return benchmark::Counter(1e-9 * amount * double(state.iterations()),
                                benchmark::Counter::kIsRate);
    };
    if (flop > 0) state.counters["GFLOP/s"] = rate(flop);
    if (bytes > 0) state.counters["GB/s"] = rate(bytes);
  };
  benchmark::RegisterBenchmark(name.c_str(), run)
      ->UseRealTime()
      ->MeasureProcessCPUTime()
      ->Unit(benchmark::kMillisecond);
}

/// A program's main: prepare() checks results, registers what is to be timed, and says whether all
/// agreed. The column CPU adds up all threads: far below threads x time, the machine was busy
/// elsewhere.
template <class Prepare>
int run_program(int argc, char** argv, Prepare prepare) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("cpu", cpu_name());
  benchmark::AddCustomContext("instruction_set", std::string(mien::cpu_isa()));
  benchmark::AddCustomContext("threads", std::to_string(mien::num_threads()));
  if (!prepare()) {
    std::fprintf(stderr, "%s: a result is wrong; nothing is timed\n", argv[0]);
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace bench
