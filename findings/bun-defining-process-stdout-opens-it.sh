#!/usr/bin/env bash
# Bun 1.4.5 (npm package bun), Linux x64. A script that wants `process.stdout` to be something else, without ever writing
# to it, can define the property anew or assign to it. A good guess is that both do the same.
#
# `Object.defineProperty(process, "stdout", …)` first makes the stream that it then throws away, and with it sets
# O_NONBLOCK on the pipe behind file descriptor 1. That flag belongs to the open pipe, which other processes share: a
# `cat` that writes to the same pipe, whose reader is slow, gets EAGAIN and gives up. An assignment makes no stream, and a
# definition behind an assignment makes none either.
#
# Output seen on 2026-11-28 (flags of the pipe as /proc tells them):
#   defined:                not waiting
#   assigned:               waiting
#   assigned, then defined: waiting
#   as found: a definition of process.stdout opens the stream, and the shared pipe no longer waits
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' > package.json
npm install --silent --no-audit --no-fund bun@1.4.5
bun=$dir/node_modules/.bin/bun
echo 'Object.defineProperty(process, "stdout", { value: undefined, configurable: true });' > defined.js
echo 'process.stdout = undefined;' > assigned.js
cat assigned.js defined.js > both.js

# Runs a script whose standard output is a pipe, and tells what is true of that pipe afterwards.
state() {
  {
    "$bun" "$1" < /dev/null
    # The flags of an open file are those of all its descriptors.
    exec 5>&1
    flags=$(sed -n 's/^flags:[[:space:]]*//p' /proc/self/fdinfo/5)
    if (((8#$flags & 8#4000) == 0)); then echo waiting >&2; else echo "not waiting" >&2; fi
  } 2>&1 > >(cat > /dev/null)
}

defined=$(state defined.js)
assigned=$(state assigned.js)
both=$(state both.js)
echo "defined:                $defined"
echo "assigned:               $assigned"
echo "assigned, then defined: $both"
if [ "$defined/$assigned/$both" = "not waiting/waiting/waiting" ]; then
  echo "as found: a definition of process.stdout opens the stream, and the shared pipe no longer waits"
else
  echo "changed"
  exit 1
fi
