#!/usr/bin/env bash
# Checks every #include of include/, lib/ and kernels/ against the layers of docs/design.md.
# usage: include_layers.sh SOURCE_DIR
set -euo pipefail
cd "$1"

grep -rnE --include='*.h' --include='*.cpp' --include='*.inl' --include='*.cu' --include='*.cuh' \
  '^[[:space:]]*#[[:space:]]*include' include lib kernels | awk '
BEGIN {
  # Who may include whom: a layer sees itself and these.
  sees["base"] = ""
  sees["kernels"] = "base"
  sees["runtime"] = "base kernels"
  sees["core"] = "base kernels runtime"
  sees["ops"] = "base kernels runtime core"
  sees["nn"] = sees["optim"] = sees["data"] = sees["ops"] " ops"
  sees["io"] = sees["nn"] " nn optim"
  sees["train"] = sees["io"] " data io"
  # The headers that lie directly in include/mien.
  top["runtime"] = "runtime"
  split("tensor autograd state random", list); for (i in list) top[list[i]] = "core"
  top["ops"] = "ops"; top["optim"] = "optim"
  top["mien"] = top["train"] = "train"
  # Slow to compile, so not in a public header.
  split("functional filesystem mutex iostream regex", list); for (i in list) slow[list[i]] = 1
  # Third parties, and the only places that may know of them.
  place["Eigen"] = "^kernels/cpu/gemm_eigen"
  place["omp.h"] = "^kernels/parallel"
  place["stb"] = "^(lib/data|lib/train)/"
  place["nlohmann"] = "^(lib/io|lib/train)/"
  place["hdf5"] = "^lib/io/"
  place["zlib"] = "^lib/io/"
}
function fail(why) { print where ": " why; failed = 1 }
# The layer of a path from the root, "" where it is none of ours.
function layer_of(path,   part, n) {
  n = split(path, part, "/")
  if (part[1] == "kernels") return "kernels"
  if (part[1] == "lib") return part[2]
  if (part[1] == "include" && part[2] == "mien") {
    if (n > 3) return part[3]
    sub(/\.h$/, "", part[3])
    if (part[3] in sees) return part[3]  # all of a layer, as mien/nn.h
    return (part[3] in top) ? top[part[3]] : ""
  }
  return ""
}
{
  split($0, field, ":"); file = field[1]; where = file ":" field[2]
  own = layer_of(file)
  if (!(own in sees)) { fail("its layer is unknown to this test"); next }
  public = file ~ /^include\//
  if (!match($0, /[<"][^>"]*[>"]/)) { fail("not understood: " $0); next }
  quoted = substr($0, RSTART, 1) == "\""
  name = substr($0, RSTART + 1, RLENGTH - 2)

  if (quoted || name ~ /^mien\//) {
    path = (name ~ /^mien\//) ? "include/" name : name
    other = layer_of(path)
    if (other == "") fail("\"" name "\" is not rooted at mien/, lib/ or kernels/")
    else if (public && path !~ /^include\//) fail("a public header includes the internal " name)
    else if (other != own && (" " sees[own] " ") !~ (" " other " "))
      fail(own " must not include " name " of " other)
    next
  }
  if (public) {
    if (name ~ /[.\/]/) fail("a public header includes <" name ">")
    if (name in slow) fail("a public header includes <" name ">, which is slow to compile")
    next
  }
  for (party in place)
    if (index(name, party) == 1 && file !~ place[party]) fail("<" name "> is not to be used here")
}
END {
  if (NR == 0) { print "no #include found: this test looks in the wrong place"; failed = 1 }
  if (failed) exit 1
  print NR " includes keep to the layers"
}'
