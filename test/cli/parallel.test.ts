/** The line that is printed for GNU parallel, run as it is: here, and by ssh on two machines that are this one. */
import { afterAll, expect, test } from "bun:test";
import { type Folder, installBinary } from "./binary.ts";
import { SshServer } from "./ssh-server.ts";

const binary = installBinary();
const hasParallel = Bun.which("parallel") !== null;
if (!hasParallel) console.warn("tests with GNU parallel are skipped: it is not installed");
const started = hasParallel ? await SshServer.start() : undefined;
afterAll(() => started?.stop());
const ssh = started as SshServer;

const ROWS = Array.from({ length: 400 }, (_, id) => `${id},"a ""name"" of\n${id}"\n`);

async function planned(): Promise<Folder> {
  const folder = binary.folder({ "in put.csv": `id,name\n${ROWS.join("")}` });
  const words = ["-e", "id % 9 ? row : null", "in put.csv"];
  (await folder.run([...words, "-o", "one.csv", "-q"])).expect({});
  (await folder.run(["plan", ...words, "-o", "the work", "--shards", "5", "-q"])).expect({});
  return folder;
}

test.skipIf(!hasParallel).each([
  ["", "one by one"],
  ["--group 2", "by two"],
])(
  "shards are done here: %s",
  async (group) => {
    const folder = await planned();
    const ran = await folder.bash(`rowmill submit parallel 'the work' ${group} -o out.csv | sh`);
    ran.expect({ stdout: "", stderr: [] });
    expect(folder.read("out.csv")).toBe(folder.read("one.csv"));
  },
  30_000,
);

test.skipIf(started === undefined)(
  "shards are done on other machines",
  async () => {
    const folder = await planned();
    const line = "rowmill submit parallel 'the work' --hosts 2/node-a,1/node-b --group 2 -o out.csv | sh";
    const ran = await folder.bash(line, { env: { PARALLEL_SSH: `ssh ${ssh.words.join(" ")}` } });
    ran.expect({ stdout: "", stderr: [] });
    expect(folder.read("out.csv")).toBe(folder.read("one.csv"));
    const hosts = folder
      .read("the work/parallel.log")
      .split("\n")
      .slice(1, -1)
      .map((task) => task.split("\t")[1]);
    expect(new Set(hosts)).toEqual(new Set(["node-a", "node-b"]));
  },
  30_000,
);
