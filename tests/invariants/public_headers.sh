#!/usr/bin/env bash
# Every public header compiles on its own, without a warning.
# usage: public_headers.sh SOURCE_DIR CXX
set -euo pipefail
cd "$1/include"

failed=0
for header in $(find mien -name '*.h' | sort); do
  echo "#include <$header>" |
    "$2" -std=c++20 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I. -x c++ - || failed=1
done
exit $failed
