#pragma once

#include <string>
#include <vector>

namespace bench {

/// The CPU's name as the system gives it; "unknown" where it gives none.
std::string cpu_name();

/// Seconds since the system started this process (in steps of its clock tick, mostly 10 ms), so
/// that loading the program counts too; a negative number where the system does not tell.
double seconds_since_start();

/// The most memory that this process has had in RAM at once, in MiB.
double peak_rss_mib();

/// Steady time in milliseconds.
double now_ms();

/// The middle one, or the mean of the middle two. Of none: 0.
double median(std::vector<double> values);

}  // namespace bench
