#!/usr/bin/env bash
# @datadog/sketches-js 2.1.1 (npm): `merge` of two DDSketches. A good guess is that a merged sketch knows what both know.
#
# Negative numbers of the other sketch are counted and lost: `count` includes them, no bucket does, and quantiles are read off
# ranks that have moved. And where the last bucket of the other sketch is number 0, which is that of 1 (and of numbers down to
# 0.98), room is made for its first bucket alone: where that is too little, the numbers of the others are lost.
# `accept(number, count)` for each bucket does both right.
#
# Output seen on 2026-11-29:
#   negative: 3 numbers, 1 in buckets
#   up to 1:  the quantile at 0.9 of 0.001, 0.04, 1, 1 and 1 is 0.04
#   as found: merge loses negative numbers, and the bucket of 1
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund @datadog/sketches-js@2.1.1
cat > merge.js <<'CODE'
import sketches from "@datadog/sketches-js";
const of = (...numbers) => {
  const sketch = new sketches.DDSketch({ relativeAccuracy: 0.01 });
  for (const number of numbers) sketch.accept(number);
  return sketch;
};
const negative = of(-1);
negative.merge(of(-2, -3));
console.log(`negative: ${negative.count} numbers, ${negative.negativeStore.count} in buckets`);
const upToOne = of(0.04);
upToOne.merge(of(0.001, 1, 1, 1));
const quantile = upToOne.getValueAtQuantile(0.9).toFixed(2);
console.log(`up to 1:  the quantile at 0.9 of 0.001, 0.04, 1, 1 and 1 is ${quantile}`);
CODE
seen=$(node merge.js)
echo "$seen"
if grep -q '3 numbers, 1 in' <<< "$seen" && grep -q 'and 1 is 0.04' <<< "$seen"; then
  echo "as found: merge loses negative numbers, and the bucket of 1"
else
  echo "not as found"
  exit 1
fi
