// Compressed output, against a pipe into the programs that make it.
import { type Contender, JOBS, type Places, rowmillRun, type Workload } from "../workload.ts";

function packing(name: string, by: "gzip" | "pigz", words: string): Contender {
  const command = (at: Places): string[] => {
    // A pipe needs a shell: "$@" is our binary, "$0" the other program.
    const ours = [...at.ours, "run", at.transform("spread.ts"), at.input("narrow"), "-j", String(JOBS)];
    const [program = by] = at.peer(by);
    return ["sh", "-c", `"$@" | "$0" ${words}`, program, ...ours];
  };
  return { name, by, writes: "stdout", command };
}

const COMPRESSED: Workload = {
  name: "gzip",
  title: "every column and one more, 1 M rows × 5, to .csv.gz",
  inputs: ["narrow"],
  agreement: "unpacked-bytes",
  extension: ".csv.gz",
  contenders: [
    rowmillRun("-o out.csv.gz", "spread.ts", "narrow"),
    packing("a pipe into gzip -6", "gzip", "-6 -n"),
    packing("a pipe into pigz -6 -p 2", "pigz", "-6 -n -p 2"),
  ],
  ratios: [
    { ours: "-o out.csv.gz", other: "a pipe into gzip -6", atLeast: 3 },
    { ours: "-o out.csv.gz", other: "a pipe into pigz -6 -p 2", atLeast: 1.2 },
  ],
  sizes: [
    { ours: "-o out.csv.gz", other: "a pipe into gzip -6", atMost: 1.05 },
    { ours: "-o out.csv.gz", other: "a pipe into pigz -6 -p 2", atMost: 1.05 },
  ],
};

/** In the order of the report. */
export const COMPRESSED_WORKLOADS: readonly Workload[] = [COMPRESSED];
