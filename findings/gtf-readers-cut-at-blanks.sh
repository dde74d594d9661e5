#!/usr/bin/env bash
# gtf-nostream 1.3.4 and @gmod/gtf 0.0.9 (npm): attributes of GTF. A good guess is that a value in quotes comes back whole and
# without its quotes, as in GTF 2.2, and as RefSeq and Ensembl write descriptions.
#
# Attributes are split at blanks before quotes are looked at: of `description "DNA repair associated"` the value is `"DNA`, with
# the quote before it, and the rest is lost without an error. Values without blanks keep both quotes. A reader that goes over the
# quotes first does both right.
#
# Output seen on 2026-11-30:
#   gtf-nostream: "BRCA2" "DNA
#   @gmod/gtf:    "BRCA2" "DNA
#   as found: a value in quotes ends at its first blank, and keeps its quotes
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true, "type": "commonjs" }' > package.json
npm install --silent --no-audit --no-fund gtf-nostream@1.3.4 @gmod/gtf@0.0.9
cat > read.js <<'CODE'
const line = 'chr13\tRefSeq\tgene\t1\t9\t.\t+\t.\tgene_id "BRCA2"; transcript_id "T1"; description "DNA repair associated";';
const shown = ({ parseStringSync, default: whole }) => {
  const [[{ attributes }]] = (parseStringSync ?? whole.parseStringSync)(line);
  return `${attributes.gene_id[0]} ${attributes.description[0]}`;
};
console.log(`gtf-nostream: ${shown(require("gtf-nostream"))}`);
console.log(`@gmod/gtf:    ${shown(require("@gmod/gtf"))}`);
CODE
seen=$(node read.js)
echo "$seen"
if [ "$(grep -c '"BRCA2" "DNA$' <<< "$seen")" = 2 ]; then
  echo "as found: a value in quotes ends at its first blank, and keeps its quotes"
else
  echo "not as found"
  exit 1
fi
