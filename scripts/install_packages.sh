#!/usr/bin/env bash
# Installs the Debian packages of debian_packages.txt that are missing: as root, or through sudo.
# On other systems it prints what is needed and leaves the rest to CMake, which fetches what it can.
set -euo pipefail

list="$(dirname "$0")/debian_packages.txt"
names="$(sed -e '/^#/d' -e '/^$/d' "$list" | cut -d' ' -f1)"

# Without cmake nothing can follow; without another package CMake fetches it or says what to do.
go_on_or_fail() {
  command -v cmake > /dev/null && exit 0
  echo "mien: cmake is missing; install it and try again" >&2
  exit 1
}

if ! command -v apt-get > /dev/null || ! command -v dpkg-query > /dev/null; then
  echo "mien: this is no Debian system; mien needs what these packages of Debian hold (CMake fetches"
  echo "what is missing, but itself, HDF5 and pkg-config):"
  sed -e '/^#/d' -e 's/^/  /' "$list"
  go_on_or_fail
fi

missing=()
for name in $names; do
  status="$(dpkg-query -W -f='${db:Status-Status}' "$name" 2> /dev/null || true)"
  [ "$status" = installed ] || missing+=("$name")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "mien: to build it, these Debian packages are missing: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  by_hand="apt-get install ${missing[*]}"
  if ! command -v sudo > /dev/null; then
    echo "mien: neither root nor sudo here; as root, run: $by_hand"
    go_on_or_fail
  fi
  as_root=(sudo)
  [ -t 0 ] || as_root+=(-n)  # nobody there to type a password
  if ! "${as_root[@]}" true; then
    echo "mien: sudo refused; as root, run: $by_hand"
    go_on_or_fail
  fi
fi

echo "mien: installing them${as_root:+ with ${as_root[*]}}"
install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
  apt-get install -y --no-install-recommends "${missing[@]}")
# The package lists of the machine may be old or, in a container, absent.
if ! { "${as_root[@]}" apt-get update -q && "${install[@]}"; }; then
  echo "mien: apt-get failed; by hand: apt-get install ${missing[*]}"
  go_on_or_fail
fi
