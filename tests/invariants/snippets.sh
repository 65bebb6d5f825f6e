#!/usr/bin/env bash
# Compiles the C++ of pages or headers: every ```cpp block, in a header those of its comments.
# A block with a main function is a whole program and is linked, too. The other blocks of a page go
# on from one to the next: those with a #include, template, struct, class, enum, namespace, using or
# function in the first column stand in file scope, the rest of a page in one function.
# usage: snippets.sh SOURCE_DIR WORK_DIR CXX LINK_ARGUMENTS FILE...
set -euo pipefail
root="$1" work="$2" cxx="$3"
read -ra link <<< "$4"
shift 4
rm -rf "$work"
mkdir -p "$work"
cd "$root"

awk -v work="$work" '
  function keep(   kind) {
    if (block ~ /\nint main\(/) {
      kind = work "/program_" ++programs ".cpp"
    } else if (block ~ /\n(#include|template|struct|class|enum|namespace|using) ?/ ||
               block ~ /\n[A-Za-z_][A-Za-z_:<>]*[&*]? [a-z_0-9:]+\([^\n]*\{\n/) {
      kind = work "/file_scope"
    } else {
      kind = work "/statements"
      if (page != FILENAME) printf "%svoid page_%d() {\n", page == "" ? "" : "}\n", ++pages > kind
      page = FILENAME
    }
    printf "#line %d \"%s\"%s", start, FILENAME, block > kind
    ++blocks
  }
  { line = $0 }
  FILENAME ~ /\.h$/ { sub(/^ *\/\/\/? ?/, "", line) }
  line ~ /^```cpp/ { inside = 1; start = FNR + 1; block = "\n"; next }
  line ~ /^```/ && inside { inside = 0; keep(); next }
  inside { block = block line "\n" }
  END {
    if (pages) print "}" > (work "/statements")
    if (inside) { print FILENAME ": a block without an end"; exit 1 }
    print blocks + 0 " blocks, " programs + 0 " of them programs"
  }' "$@"

flags=(-std=c++20 -I"$root/include" -I"$root" -Wall -Wno-unused -Werror)
touch "$work/file_scope" "$work/statements"
if [ -s "$work/file_scope" ] || [ -s "$work/statements" ]; then
  { printf '#include <mien/mien.h>\nusing namespace mien;\n'
    cat "$work/file_scope" "$work/statements"; } > "$work/page.cpp"
  "$cxx" "${flags[@]}" -fsyntax-only "$work/page.cpp"
fi
for program in "$work"/program_*.cpp; do
  [ -e "$program" ] || continue
  "$cxx" "${flags[@]}" "$program" -o "${program%.cpp}" "${link[@]}"
done
rm -rf "$work"
