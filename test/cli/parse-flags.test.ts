// A command line is cut as Node.js cuts it: the runtime's own function is not loaded, and is what ours is held against.
import { expect, test } from "bun:test";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { tokensOf } from "../../src/cli/parse-flags.ts";

const FLAGS = [
  { flags: "-d, --delimiter <c>" },
  { flags: "-q, --quiet" },
  { flags: "--types <list>" },
  { flags: "-n, --no-header" },
];
const OPTIONS = {
  delimiter: { type: "string", short: "d" },
  quiet: { type: "boolean", short: "q" },
  types: { type: "string" },
  "no-header": { type: "boolean", short: "n" },
} as const;

const word = fc.oneof(
  fc.constantFrom(
    "-d",
    "-d;",
    "-q",
    "-qn",
    "-qd",
    "-nqd;",
    "-x",
    "-xq",
    "-qx",
    "-q-d",
    "-x-",
    "- -",
    "--",
    "-",
    "--types",
    "--types=a=b",
    "--types=",
  ),
  fc.constantFrom(
    "--quiet",
    "--quiet=1",
    "--nope",
    "--nope=1",
    "--no-header",
    "--=x",
    "a.csv",
    "",
    "-1",
    "-d=x",
    "--d",
    "---",
  ),
  fc.string({ maxLength: 5 }),
);

test("words of a command line are those of util.parseArgs", () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
      const { tokens } = parseArgs({
        args: argv,
        options: OPTIONS,
        strict: false,
        allowPositionals: true,
        tokens: true,
      });
      const theirs = tokens.flatMap((token): unknown[] => {
        if (token.kind === "option-terminator") return [];
        if (token.kind === "positional") return [{ kind: token.kind, value: token.value }];
        return [{ kind: token.kind, name: token.name, rawName: token.rawName, value: token.value }];
      });
      expect([...tokensOf(argv, FLAGS)] as unknown[]).toEqual(theirs);
    }),
    { numRuns: 5000 },
  );
});
