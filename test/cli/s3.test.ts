/** Objects of S3 as inputs and as the output. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { BUCKET, KEYS, TestStore } from "../io/s3-server.ts";
import { installBinary } from "./binary.ts";

const binary = installBinary();

const CSV = "id,name\n1,Ada\n2,Emmy\n";
const MORE = "id,name\n3,Marie\n";
const at = (key: string): string => `s3://${BUCKET}/${key}`;

let store: TestStore;
let env: Record<string, string> = {};
beforeAll(async () => {
  store = await TestStore.start();
  env = {
    AWS_ENDPOINT_URL: store.endpoint,
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_SESSION_TOKEN: "A-Session-Of-Nobody",
  };
  await store.put("in/part2.csv", CSV);
  await store.put("in/part10.csv", MORE);
  await store.put("in/more.jsonl.gz", Bun.gzipSync('{"id":4}\n'));
});
afterAll(() => store.close());

async function object(key: string): Promise<string | undefined> {
  return (await store.get(key))?.toString();
}

describe("an object", () => {
  test("is an input like others: by its name, among files, as a table, by a pattern", async () => {
    const folder = binary.folder({
      "b.csv": "name,id\nTu,9\n",
      list: `${at("in/part2.csv")}\n`,
      "f.ts": "export default (row, ctx) => ({ id: row.id, file: ctx.file });",
    });
    (await folder.run(["-e", "row", at("in/part2.csv")], { env })).expect({ stdout: CSV });
    (await folder.run(["-e", "row", at("in/*.csv"), "b.csv"], { env })).expect({ stdout: `${CSV}3,Marie\n9,Tu\n` });
    (await folder.run(["-e", "row", at("in/more.jsonl.gz")], { env })).expect({ stdout: '{"id":4}\n' });
    (await folder.run(["f.ts", "--files-from", "list"], { env })).expect({
      stdout: `id,file\n1,${at("in/part2.csv")}\n2,${at("in/part2.csv")}\n`,
    });
    (await folder.run(["b.csv", "--join", at("in/part2.csv"), "--on", "id", "--kind", "anti"], { env })).expect({
      stdout: "name,id\nTu,9\n",
    });
    (await folder.run(["info", at("in/*.csv")], { env })).expect({ stdout: /rows: +3\n/ });
    (await folder.run(["diff", at("in/part2.csv"), at("in/part10.csv"), "--on", "id", "-q"], { env })).expect({
      code: 1,
      stdout: /added/,
    });
    (await folder.run(["-e", "{ n: BigInt(name) }", at("in/part2.csv")], { env })).expect({
      code: 1,
      stderr: [`error: ${at("in/part2.csv")}:2: `],
    });
  });

  test("that is not to be had is an error", async () => {
    const folder = binary.folder();
    (await folder.run(["-e", "row", at("in/nosuch.csv")], { env })).expect({
      code: 1,
      stderr: [`error: cannot read ${at("in/nosuch.csv")}: there is no such object`],
    });
    (await folder.run(["-e", "row", at("in/*.tsv")], { env })).expect({ code: 1, stderr: ["no object matches"] });
    (await folder.run(["-e", "row", at("in/a.xlsx")], { env })).expect({
      code: 1,
      stderr: ["it is on a server, and what is in it"],
    });
    (
      await folder.run(["-e", "row", at("in/part2.csv")], { env: { ...env, AWS_ENDPOINT_URL: "http://127.0.0.1:1" } })
    ).expect({
      code: 1,
      stderr: ["127.0.0.1:1 refuses the connection"],
    });
  });

  test("is the output, whole, in the format and compression of its name", async () => {
    const folder = binary.folder({ "in.csv": CSV });
    (await folder.run(["-e", "row", "in.csv", "-o", at("out/a.csv")], { env })).expect({});
    expect(await object("out/a.csv")).toBe(CSV);
    (
      await folder.run(["-e", "row", at("in/*.csv"), "-o", at("out/a.jsonl.gz"), "--summary", "run.json"], { env })
    ).expect({});
    expect(Buffer.from(Bun.gunzipSync(new Uint8Array((await store.get("out/a.jsonl.gz")) ?? []))).toString()).toBe(
      '{"id":1,"name":"Ada"}\n{"id":2,"name":"Emmy"}\n{"id":3,"name":"Marie"}\n',
    );
    // It may be the input as well: the new one takes its place when all is there.
    (await folder.run(["-e", "{ id: id + 1 }", at("out/a.csv"), "-o", at("out/a.csv")], { env })).expect({});
    expect(await object("out/a.csv")).toBe("id\n2\n3\n");
    expect(folder.names()).toEqual(["in.csv", "run.json"]);
    for (const secret of Object.values(KEYS)) expect(folder.read("run.json")).not.toContain(secret);
  });

  test("stays as it was where a run fails", async () => {
    await store.put("kept.csv", MORE);
    const folder = binary.folder({ "in.csv": CSV });
    const reject = ["--on-error", "reject", "--rejects", "rejects.jsonl"];
    const ran = await folder.run(
      ["-e", "{ id: row.id, n: id === 2 ? BigInt('x') : 1 }", "in.csv", "-o", at("kept.csv")],
      { env },
    );
    ran.expect({ code: 1, stderr: ["in.csv:3"] });
    expect(await object("kept.csv")).toBe(MORE);
    (
      await folder.run(["-e", "{ n: BigInt(name) }", "in.csv", "-o", at("none.csv"), ...reject, "--max-errors", "1"], {
        env,
      })
    ).expect({ code: 1, stderr: ["--max-errors is 1"] });
    expect(await object("none.csv")).toBeUndefined();
    expect(folder.names()).toEqual(["in.csv"]);
    (
      await folder.run(["-e", "id === 2 ? { n: BigInt('x') } : { n: id }", "in.csv", "-o", at("some.csv"), ...reject], {
        env,
      })
    ).expect({ code: 3, stderr: ["1 of 2 rows failed"] });
    expect(await object("some.csv")).toBe("n\n1\n");
    expect(folder.names()).toEqual(["in.csv", "rejects.jsonl"]);
  });

  test("is nothing to go on with, to rewrite, or to write other things to", async () => {
    const folder = binary.folder({ "in.csv": CSV });
    const refused = async (args: string[], message: string, code = 2): Promise<void> => {
      (await folder.run(["-e", "row", "in.csv", ...args], { env })).expect({ code, stderr: [message] });
    };
    await refused(["-o", at("a.csv"), "--resume"], "--resume is not possible: an object is there when all of it is");
    await refused(["-o", "a.csv", "--resume", at("in/part2.csv")], `${at("in/part2.csv")} cannot be read again`);
    await refused(["-o", at("a.csv"), "--on-error", "reject"], "there is no place for the rejects");
    await refused(["-o", at("{id}.csv"), "--split-by", "id"], "--split-by writes files", 1);
    await refused(["-o", "a.csv", "--summary", at("run.json")], "it is no file", 1);
    await refused(["-o", at("")], "it names no object", 1);
    (await folder.run(["-i", "-e", "row", at("in/part2.csv")], { env })).expect({
      code: 2,
      stderr: ["--in-place needs one input file"],
    });
    expect(folder.names()).toEqual(["in.csv"]);
  });
});
