/** Jobs for Kubernetes and AWS Batch are what the interfaces of these take, as their makers publish them. */
import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { resolve } from "node:path";
import type { SubmitJobRequest } from "@aws-sdk/client-batch";
import { Job } from "kubernetes-models/batch/v1/Job";
import { type Folder, installBinary } from "./binary.ts";

const binary = installBinary();
const SETTINGS = {
  compilerOptions: {
    strict: true,
    module: "preserve",
    moduleResolution: "bundler",
    noEmit: true,
    skipLibCheck: true,
    types: [],
    lib: ["ESNext"],
  },
};

/** A folder with a plan of three shards. */
async function planned(): Promise<Folder> {
  const folder = binary.folder({ "in.csv": "a\n1\n2\n3\n" });
  (await folder.run(["plan", "-e", "row", "in.csv", "-o", "work", "--shards", "3", "-q"])).expect({});
  return folder;
}

async function printed(folder: Folder, words: string[]): Promise<string> {
  return (await folder.run(["submit", ...words, "work"])).expect({ stdout: /^/ }).stdout;
}

/** What a type checker says of a value as a literal, where no member is left over: `undefined` when it is of the type. */
async function complaint(value: object, { type, of }: { type: string; of: string }): Promise<string | undefined> {
  const folder = binary.folder({
    "tsconfig.json": JSON.stringify(SETTINGS),
    "value.ts": `import type { ${type} } from ${JSON.stringify(of)};\nexport const value: ${type} = ${JSON.stringify(value)};\n`,
  });
  symlinkSync(resolve(import.meta.dir, "../../node_modules"), folder.at("node_modules"));
  const child = Bun.spawn([process.execPath, "check", "value.ts"], {
    cwd: folder.path,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return code === 0 ? undefined : `${stdout}${stderr}`;
}

const JOB = { type: "IJob", of: "kubernetes-models/batch/v1/Job" };
const SUBMIT_JOB = { type: "SubmitJobRequest", of: "@aws-sdk/client-batch" };

test.each([
  ["as little as can be said", []],
  ["all that can be said", ["--cpus", "4", "--memory", "8Gi", "--group", "2", "--parallelism", "9", "-o", "out.csv"]],
])("an Indexed Job and the Job that merges are those of Kubernetes: %s", async (_, further) => {
  const folder = await planned();
  const text = await printed(folder, ["kubernetes", "--image", "i:1", "--claim", "c", ...further]);
  const jobs = text
    .split("---\n")
    .filter(Boolean)
    .map((one) => JSON.parse(one) as ConstructorParameters<typeof Job>[0] & object);
  expect(jobs).toHaveLength(2);
  for (const job of jobs) {
    // Values, then names: each finds what the other does not.
    new Job(job).validate();
    expect(await complaint(job, JOB)).toBeUndefined();
    expect(await complaint({ ...job, spec: { ...job.spec, podReplacement: "Failed" } }, JOB)).toContain(
      "podReplacement",
    );
  }
});

test.each([
  ["an array", []],
  ["one job", ["--group", "3", "-o", "out.csv"]],
])("jobs are those of AWS Batch: %s", async (_, further) => {
  const folder = await planned();
  const text = await printed(folder, ["aws-batch", "--queue", "q", "--definition", "d:1", ...further]);
  const jobs = JSON.parse(text) as { array: SubmitJobRequest; merge: SubmitJobRequest };
  for (const job of [jobs.array, jobs.merge]) {
    expect(await complaint(job, SUBMIT_JOB)).toBeUndefined();
    expect(await complaint({ ...job, dependOn: [] }, SUBMIT_JOB)).toContain("dependOn");
  }
});
