#!/usr/bin/env bash
# Checks what pages quote from files: a block that begins with ```LANGUAGE PATH stands in that file
# word for word. A line "..." in it leaves lines out.
# usage: quotes.sh SOURCE_DIR FILE...
set -euo pipefail
cd "$1"
shift

awk '
  function text_of(path,   text, line) {
    text = "\n"
    while ((getline line < path) > 0) text = text line "\n"
    close(path)
    return text
  }
  function check(   parts, n, i, at, text) {
    text = text_of(quoted)
    n = split(block, parts, /\n\.\.\.\n/)
    for (i = 1; i <= n; ++i) {
      if (i > 1) parts[i] = "\n" parts[i]
      if (i < n) parts[i] = parts[i] "\n"
      at = index(text, parts[i])
      if (!at) { print FILENAME ":" start ": not in " quoted ":" parts[i]; failed = 1; return }
      text = substr(text, at + length(parts[i]) - 1)
    }
    ++quotes
  }
  /^```[a-z+]+ [^ ]+$/ { quoted = $2; start = FNR; block = "\n"; next }
  /^```/ && quoted { check(); quoted = ""; next }
  quoted { block = block $0 "\n" }
  END {
    if (quoted) { print FILENAME ": a block without an end"; exit 1 }
    print quotes + 0 " quotes"
    exit failed
  }' "$@"
