#pragma once

// Catch2 v2 (Debian 12) or v3 behind one header. Include this, never Catch2 itself.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <string>
#include <string_view>

namespace mien::test {

/// The exit code of a skipped case: ctest shows it as skipped.
inline constexpr int kSkipped = 4;

/// Prints why and ends the program with kSkipped: ctest runs each case in a process of its own, and
/// Catch2 v2 knows no skipping.
[[noreturn]] void skip(std::string_view why);

}  // namespace mien::test

/// Ends the test case as skipped, and says why.
#define MIEN_SKIP(why) ::mien::test::skip(why)

#if __has_include(<catch2/catch_all.hpp>)
namespace Catch {
/// The matcher that v2 calls Contains.
inline auto Contains(const std::string& part) { return Matchers::ContainsSubstring(part); }
}  // namespace Catch
using Catch::Approx;
#endif
using Catch::Contains;
