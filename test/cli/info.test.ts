/** `rowmill info`, and how commands beside run and eval are found. */
import { expect, test } from "bun:test";
import { installBinary } from "./binary.ts";

const binary = installBinary();

test("says what the binary is, for people and for programs", async () => {
  const folder = binary.folder();
  const ran = await folder.run(["info", "--json"]);
  ran.expect({ stdout: /^\{.*\}\n$/ });
  expect(JSON.parse(ran.stdout)).toMatchObject({ rowmill: expect.any(String), binary: binary.path });
  (await folder.run(["info"])).expect({ stdout: /^rowmill: .*\nbun: .*\n(?:.*\n)+$/ });
});

test("its help has usage, flags, examples and exit codes", async () => {
  const folder = binary.folder();
  for (const args of [
    ["info", "--help"],
    ["help", "info"],
    ["info", "-h"],
  ]) {
    (await folder.run(args)).expect({ stdout: /Usage: rowmill info[\s\S]*--json[\s\S]*Examples:[\s\S]*Exit codes:/ });
  }
  (await folder.run(["--help"])).expect({ stdout: /Commands:\n[^]*\n {2}info / });
});

test("wrong words are a usage error", async () => {
  const folder = binary.folder();
  (await folder.run(["info", "--jsonn"])).expect({
    code: 2,
    stderr: ["unknown option --jsonn", "did you mean --json?"],
  });
  (await folder.run(["inof"])).expect({ code: 2, stderr: ["did you mean info?"] });
});
