import { describe, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { resolve } from "node:path";
import { installBinary } from "./binary.ts";

const binary = installBinary();

const AGES = `name,age
Ada Lovelace,202
Emmy Noether,135
Marie Curie,150
Tu Youyou,87
Ada Yonath,78
Vera Rubin,89
Sally Ride,66
`;

describe("seven scientists", () => {
  test("by run, with a schema of zod and no zod installed", async () => {
    const folder = binary.scientists();
    (await folder.run(["run", "age.ts", "scientists.csv"])).expect({ stdout: AGES });
  });

  test("by the shorthand of run", async () => {
    const folder = binary.scientists();
    (await folder.run(["age.ts", "scientists.csv"])).expect({ stdout: AGES });
  });

  test("by -e", async () => {
    const folder = binary.scientists();
    (await folder.run(["-e", "{ name, age: 2017 - born }", "scientists.csv"])).expect({ stdout: AGES });
  });

  test("by eval", async () => {
    const folder = binary.scientists();
    (await folder.run(["eval", "{ name, age: 2017 - born }", "scientists.csv"])).expect({ stdout: AGES });
  });

  test("by an arrow function", async () => {
    const folder = binary.scientists();
    const arrow = "({ name, born }: { name: string, born: string }, ctx) => ({ name, age: 2017 - Number(born) })";
    (await folder.run(["-e", arrow, "scientists.csv"])).expect({ stdout: AGES });
  });

  test("from a pipe", async () => {
    const folder = binary.scientists();
    (await folder.bash("cat scientists.csv | rowmill age.ts")).expect({ stdout: AGES });
    (await folder.bash("cat scientists.csv | rowmill -e '{ name, age: 2017 - born }' -")).expect({ stdout: AGES });
  });

  test("with the binary alone in the folder and the sources gone", async () => {
    const folder = binary.scientists();
    copyFileSync(binary.path, folder.at("rowmill"));
    const sources = resolve(import.meta.dir, "../..");
    const mayUnshare = (await folder.bash("unshare -rm true")).code === 0;
    // Where namespaces are not allowed, the binary still runs; only the sources stay within its reach.
    const hidden = mayUnshare ? `unshare -rm bash -c 'mount -t tmpfs none "$SOURCES" && exec "$@"' -` : "env";
    const settings = { env: { SOURCES: sources } };
    (await folder.bash(`${hidden} ./rowmill run age.ts scientists.csv`, settings)).expect({ stdout: AGES });
    (await folder.bash(`${hidden} ./rowmill age.ts scientists.csv --to table`, settings)).expect({ stdout: /│  87 │/ });
    (await folder.bash(`${hidden} ./rowmill -e '{ name, age: 2017 - born }' scientists.csv`, settings)).expect({
      stdout: AGES,
    });
  });

  test("into a file, with nothing said", async () => {
    const folder = binary.scientists();
    (await folder.run(["age.ts", "scientists.csv", "-o", "ages.csv"])).expect({});
    if (folder.read("ages.csv") !== AGES) throw new Error(folder.read("ages.csv"));
  });
});
