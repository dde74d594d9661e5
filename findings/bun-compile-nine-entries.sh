#!/usr/bin/env bash
# Bun 1.4.5: `bun build --compile` places its entries differently when there are more than eight of them.
#
# Entries src/e1.ts … src/e8.ts lie in the executable as /$bunfs/root/e1.js …, without the folder that they share, and a
# program that imports one by a URL of its own (new URL("./e2.ts", import.meta.url)) finds it. With a ninth entry in the
# same folder all of them lie in /$bunfs/root/src/, while the program itself is still /$bunfs/root/NAME: the same import
# fails with "Cannot find module". Nothing is said when it is built. With --root=src nine entries lie as eight do.
#
# Seen with 8, 9 and 9 --root=src entries: found, not found, found.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{}' > package.json
npm install --silent --no-audit --no-fund bun@1.4.5 > /dev/null
bun=node_modules/.bin/bun
mkdir src
echo 'await import(new URL("./e2.ts", import.meta.url).href);' > src/e1.ts
for i in 2 3 4 5 6 7 8 9; do echo "if ($i === 2) console.log('found');" > "src/e$i.ts"; done
try() {
  local entries=("$@")
  "$bun" build --compile --format=esm --outfile=program "${entries[@]}" > build.log 2>&1 || { cat build.log; return; }
  timeout 20 ./program 2> error.log || grep -o 'Cannot find module' error.log
}
eight=$(try src/e{1,2,3,4,5,6,7,8}.ts)
nine=$(try src/e{1,2,3,4,5,6,7,8,9}.ts)
rooted=$(try --root=src src/e{1,2,3,4,5,6,7,8,9}.ts)
echo "8 entries: $eight; 9 entries: $nine; 9 entries with --root=src: $rooted"
if [ "$eight" = found ] && [ "$nine" = "Cannot find module" ] && [ "$rooted" = found ]; then
  echo "as found: a ninth entry moves all of them into the folder that they share"
else
  echo "changed"
  exit 1
fi
