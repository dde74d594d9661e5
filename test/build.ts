/**
 * `bun run build`: the executable, `dist/rowmill`, finished as `rowmill compile` finishes programs. Further words go to the
 * runtime's compiler: `--target=…`, `--outfile=…`.
 */
import { finishExecutable } from "../src/cli/commands/compile/finish.ts";

const ENTRIES = [
  "main",
  "command-line",
  "commands",
  "standalone",
  "worker",
  "zod",
  "zod-mini",
  "zod-core",
  "record-type",
];
const OPTIONS = [
  "--compile",
  // What is imported when it is wanted is a piece of its own, and costs the start nothing.
  "--splitting",
  // A start that loads fewer pieces is up to 4 % shorter. Bun takes it for pieces that have no effects of their own.
  "--min-chunk-size=16384",
  // A run of some 300 ms spends a fifth of its CPU time on compiling code that runs for a few milliseconds: with
  // thresholds four times as high it is 5 to 9 % shorter, and a long one no longer.
  "--compile-jit-policy=4",
  "--minify",
  "--bytecode",
  "--format=esm",
  // Left to itself, Bun 1.4.5 puts more than eight entries into a folder of the name of theirs.
  "--root=src",
  // What @datadog/sketches-js would write its sketches to Protobuf with, which is not done here.
  "--external=protobufjs",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
  "--compile-autoload-package-json",
  "--compile-autoload-tsconfig",
];
const OUTFILE = "--outfile=";

const given = process.argv.slice(2);
const outfile = given.findLast((word) => word.startsWith(OUTFILE))?.slice(OUTFILE.length) ?? "dist/rowmill";
const words = [...OPTIONS, `${OUTFILE}${outfile}`, ...ENTRIES.map((name) => `src/${name}.ts`), ...given];
const { exitCode } = Bun.spawnSync([process.execPath, "build", ...words], { stdio: ["ignore", "inherit", "inherit"] });
if (exitCode === 0) finishExecutable(outfile);
process.exit(exitCode);
