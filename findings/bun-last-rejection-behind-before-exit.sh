#!/usr/bin/env bash
# Bun 1.4.5 (npm package bun), Linux x64. A program listens for `unhandledRejection`, to count what failed and nobody
# caught, and sums up in `beforeExit`, when nothing is under way any more. A good guess is that every rejection has been
# reported by then: Node reports one before it asks whether the event loop is empty.
#
# In Bun the rejection of a promise by the very last timer is reported after `beforeExit`. In a worker it is not reported
# at all: the thread ends between the two, with exit code 0, and the program says that nothing failed. A `setImmediate` in
# the handler of `beforeExit` is enough: behind it the report has come, in a worker as well.
#
# Output seen on 2026-11-29:
#   main thread:             beforeExit, rejection
#   worker:                  beforeExit, exit 0
#   worker, with immediate:  beforeExit, rejection, exit 0
#   as found: the last rejection comes behind beforeExit, and in a worker never
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' > package.json
npm install --silent --no-audit --no-fund bun@1.4.5
bun=$dir/node_modules/.bin/bun
cat > main.mjs <<'JS'
process.on("unhandledRejection", () => console.log("rejection"));
process.once("beforeExit", () => console.log("beforeExit"));
setTimeout(() => void Promise.reject(new Error("late")), 20);
JS
cat > worker.mjs <<'JS'
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: process.argv[2] });
  worker.on("message", (message) => console.log(message));
  worker.on("exit", (code) => console.log(`exit ${code}`));
} else {
  process.on("unhandledRejection", () => parentPort.postMessage("rejection"));
  process.once("beforeExit", () => {
    parentPort.postMessage("beforeExit");
    if (workerData === "immediate") setImmediate(() => {});
  });
  setTimeout(() => void Promise.reject(new Error("late")), 20);
}
JS
joined() { paste -sd, - | sed 's/,/, /g'; }
main=$("$bun" main.mjs | joined)
worker=$("$bun" worker.mjs | joined)
immediate=$("$bun" worker.mjs immediate | joined)
echo "main thread:             $main"
echo "worker:                  $worker"
echo "worker, with immediate:  $immediate"
if [ "$main/$worker/$immediate" = "beforeExit, rejection/beforeExit, exit 0/beforeExit, rejection, exit 0" ]; then
  echo "as found: the last rejection comes behind beforeExit, and in a worker never"
else
  echo "changed"
  exit 1
fi
