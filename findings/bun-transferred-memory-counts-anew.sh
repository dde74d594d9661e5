#!/usr/bin/env bash
# Bun 1.4.5: memory that is transferred to another thread counts there as new memory, of its whole length, each time.
#
# A transfer moves the pages and copies nothing, so it looks free, and a buffer that goes to and fro looks like a way to have
# no garbage at all. But each arrival makes a new ArrayBuffer object, whose full byteLength is added to what the thread has
# allocated since its last garbage collection: 400 round trips of one buffer of 1 MiB, with nothing else to do, collect
# garbage again and again, in both threads. The same trips of a number, with the bytes in a SharedArrayBuffer that was
# sent once, collect none. One SharedArrayBuffer of 32 MiB counts as 32 MiB in each thread that it is sent to, though none
# of its pages was touched; a growable one counts with the length that it has when it arrives.
#
# Seen, collections in both threads while 400 trips were made: 251 to 265 with a buffer that is transferred, 0 with shared memory.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{}' > package.json
npm install --silent --no-audit --no-fund bun@1.4.5 > /dev/null
cat > worker.js <<'JS'
let memory;
self.onmessage = ({ data }) => {
  if (data instanceof SharedArrayBuffer) memory = data;
  else if (data instanceof ArrayBuffer) self.postMessage(data, [data]);
  else self.postMessage(data + (memory === undefined ? 0 : new Uint8Array(memory)[0]));
};
JS
cat > trips.js <<'JS'
const [how] = process.argv.slice(2);
const worker = new Worker(new URL("./worker.js", import.meta.url).href);
if (how === "shared") worker.postMessage(new SharedArrayBuffer(2 ** 20));
let trips = 0;
let what = how === "shared" ? 1 : new ArrayBuffer(2 ** 20);
worker.onmessage = ({ data }) => {
  if (++trips === 20) console.error("BEGIN");
  if (trips === 420) process.exit(0);
  worker.postMessage(data, typeof data === "object" ? [data] : []);
};
worker.postMessage(what, typeof what === "object" ? [what] : []);
JS
collections() {
  BUN_JSC_logGC=1 node_modules/.bin/bun trips.js "$1" 2>&1 | sed -n '/BEGIN/,$p' | grep -c 'Requesting GC' || true
}
transferred=$(collections transferred)
shared=$(collections shared)
echo "collections while 400 trips were made: $transferred with a buffer that is transferred, $shared with shared memory"
if [ "$transferred" -gt 20 ] && [ "$shared" -eq 0 ]; then
  echo "as found: a transferred buffer counts as new memory wherever it arrives"
else
  echo "changed"
  exit 1
fi
