#!/usr/bin/env bash
# Bun 1.4.5 (npm package bun), Linux x64. An executable made by
#   bun build --compile --compile-autoload-tsconfig main.ts
# imports a TypeScript module at run time. The tsconfig.json beside that module, and in the current folder, says
# "experimentalDecorators": true and has "paths". `bun main.ts` heeds both. The executable heeds `paths` alone: the
# decorator is called in the way of the standard, with (function, context) in place of (prototype, name, descriptor), and
# nothing says so. A good guess is that a flag which is called after tsconfig.json, and by which `paths` work, brings its
# other options as well.
#
# Output seen on 2026-11-28:
#   bun:        3 arguments, paths work
#   executable: 2 arguments, paths work
#   as found: the executable takes paths from tsconfig.json, and not experimentalDecorators
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' > package.json
npm install --silent --no-audit --no-fund bun@1.4.5
bun=$dir/node_modules/.bin/bun
mkdir app && cd app
echo '{ "compilerOptions": { "experimentalDecorators": true, "paths": { "#one": ["./one.ts"] } } }' > tsconfig.json
echo 'export const one = 1;' > one.ts
cat > user.ts <<'T'
import { one } from "#one";
let count = 0;
function seen(...all: unknown[]): void {
  count = all.length;
}
class A {
  @seen m(): void {}
}
new A();
console.log(`${count} arguments, paths ${one === 1 ? "work" : "do not"}`);
T
echo 'await import(process.cwd() + "/user.ts");' > main.ts
by_bun=$("$bun" main.ts)
"$bun" build --compile --compile-autoload-tsconfig --outfile ../program main.ts > /dev/null
by_program=$(../program)
echo "bun:        $by_bun"
echo "executable: $by_program"
if [ "$by_bun" = "3 arguments, paths work" ] && [ "$by_program" = "2 arguments, paths work" ]; then
  echo "as found: the executable takes paths from tsconfig.json, and not experimentalDecorators"
else
  echo "changed"
  exit 1
fi
