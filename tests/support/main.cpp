// Catch2 v2 returns the number of failed assertions, which could be the code for "skipped"; so the
// main function is ours for both versions.
#define CATCH_CONFIG_RUNNER
#include "tests/support/catch.h"

#include <cstdio>
#include <cstdlib>

namespace mien::test {

void skip(std::string_view why) {
  std::printf("skipped: %.*s\n", static_cast<int>(why.size()), why.data());
  std::fflush(stdout);
  std::_Exit(kSkipped);
}

}  // namespace mien::test

int main(int argc, char** argv) {
  Catch::Session session;
  if (const int code = session.applyCommandLine(argc, argv); code != 0) return code;
#if !__has_include(<catch2/catch_all.hpp>)
  Catch::ConfigData& config = session.configData();
  // A name that matches nothing must not pass.
  config.warnings =
      static_cast<Catch::WarnAbout::What>(config.warnings | Catch::WarnAbout::NoTests);
  if (config.listTestNamesOnly || config.listTests || config.listTags || config.listReporters) {
    return session.run();  // the number of entries: catch_discover_tests reads it
  }
#endif
  return session.run() == 0 ? 0 : 1;
}
