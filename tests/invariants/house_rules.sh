#!/usr/bin/env bash
# Rules of the house that a search can check.
# usage: house_rules.sh SOURCE_DIR length|environment|printing|names|documented
set -euo pipefail
cd "$1"

# Shows what grep finds in the given files as the faults that it is.
refuse() {
  local why="$1" found status=0
  shift
  found="$("$@")" || status=$?
  [ $status -ne 1 ] || return 0  # grep: nothing found
  echo "$found"
  echo "$why"
  exit 1
}

case "$2" in
  length)
    files="$(find . \( -name .git -o -name 'build*' -o -name fer_run \) -prune -o -type f \
      \( -name '*.cpp' -o -name '*.h' -o -name '*.inl' -o -name '*.cu' -o -name '*.cuh' -o -name '*.py' \
      -o -name '*.sh' -o -name '*.cmake' -o -name CMakeLists.txt \) -print)"
    [ "$(wc -l <<< "$files")" -gt 50 ] || { echo "only a few files found: wrong place"; exit 1; }
    xargs awk 'FNR == 401 { print FILENAME " is longer than 400 lines"; failed = 1 } END { exit failed }' \
      <<< "$files"
    ;;
  environment)
    refuse "only lib/runtime/environment.cpp reads the environment" \
      grep -rnE '\b(secure_)?getenv\b|\benviron\b' include lib kernels examples \
      --include='*.cpp' --include='*.h' --include='*.inl' --include='*.cu' --include='*.cuh' \
      --exclude=environment.cpp
    grep -q getenv lib/runtime/environment.cpp
    ;;
  printing)
    refuse "nothing below train prints" \
      grep -rnE '\b(std::cout|std::cerr|std::clog|printf\(|puts\(|putchar\(|fputs\(|stdout|stderr)' \
      kernels lib --exclude-dir=train --exclude=profile_output.cpp
    refuse "nothing below the programs reads argv" grep -rnw argv include lib kernels
    ;;
  names)
    refuse "ctest takes a test's name with a semicolon for two" grep -rnE 'TEST_CASE\(".*;.*"' tests --include='*.cpp'
    ;;
  documented)
    # What stands first after an empty line or an opening brace, in namespace scope, is documented;
    # declarations that follow without an empty line share the comment. Namespace detail is ours.
    find include -name '*.h' -print0 | xargs -0 awk '
      FNR == 1 { first = 1; detail = 0 }
      /^namespace .*detail/ { detail = 1 }
      /^}.*detail/ { detail = 0 }
      /^(namespace .*\{|#.*|\/\/[^\/].*|\/\/)?$/ { first = 1; next }
      /^(class|struct|enum class) [A-Za-z0-9_]+( : [a-z0-9_:]+)?;/ { first = 0 }
      /^template <>|^(class|struct) [A-Za-z]+::/ { first = 0 }  # declared, and documented, elsewhere
      first && !detail && /^[A-Za-z\[~]/ { print FILENAME ":" FNR ": not documented: " $0; failed = 1 }
      { first = 0 }
      END { exit failed }'
    ;;
esac
