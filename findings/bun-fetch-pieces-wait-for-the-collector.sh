#!/usr/bin/env bash
# Bun 1.4.5: each piece of the body of a fetch has memory of its own, which stays until the garbage collector comes; whoever
# gives it back at once reads with a fraction of the page faults, and of the CPU time.
#
# A reader that looks at a piece and drops it holds one piece at a time, so that its memory looks bounded by the size of a
# piece. But the next piece comes to new memory, until tens of megabytes wait for a collection: their pages are touched for
# the first time, and are not in the cache of the processor. With `piece.buffer.transfer(0)` when it is done with, the memory
# of a piece goes back to the allocator at once, and the next piece comes to the same place. The piece's buffer is its own
# (its view is as long as its buffer), so nothing else is detached by that.
#
# Seen, 400 MB over loopback: 6,800 to 10,100 page faults where pieces are dropped, 2,900 to 3,400 where they are given back. From a
# server that sends smaller pieces 17,000 to 19,000 and 6,100, and 305 and 130 ms of CPU time of the thread that reads.
set -euo pipefail
folder=$(mktemp -d)
server=
trap 'kill "$server" 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
printf '{}' > package.json
npm install --silent --no-audit --no-fund bun@1.4.5 > /dev/null
head -c 400000000 /dev/zero > body
cat > server.js <<'JS'
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(Bun.file("body")) });
await Bun.write("port", String(server.port));
JS
cat > reader.js <<'JS'
const [port, how] = process.argv.slice(2);
const response = await fetch(`http://127.0.0.1:${port}/`);
const before = process.resourceUsage().minorPageFault;
const reader = response.body.getReader();
let bytes = 0;
for (let next = await reader.read(); !next.done; next = await reader.read()) {
  const piece = next.value;
  bytes += piece.length;
  if (how === "given" && piece.length === piece.buffer.byteLength) piece.buffer.transfer(0);
}
if (bytes !== 400000000) throw new Error(`${bytes} bytes`);
console.log(process.resourceUsage().minorPageFault - before);
process.exit(0);
JS
node_modules/.bin/bun server.js &
server=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
dropped=$(node_modules/.bin/bun reader.js "$(cat port)" dropped)
given=$(node_modules/.bin/bun reader.js "$(cat port)" given)
echo "page faults while 400 MB were read: $dropped where pieces are dropped, $given where they are given back"
if [ "$dropped" -gt $((2 * given)) ]; then
  echo "as found: pieces wait for the garbage collector"
else
  echo "changed"
  exit 1
fi
