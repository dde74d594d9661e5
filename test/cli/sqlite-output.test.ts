/** A table of SQLite as output, when the run is ended before its time: it is as it was. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { installBinary } from "./binary.ts";

const binary = installBinary();

for (const end of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  test(`stays as it was when the run is ended: ${end}`, async () => {
    const folder = binary.folder();
    const rows = (): unknown[][] => {
      // Whoever opens it to write undoes what was left half done, as the next run does.
      const database = new Database(folder.at("app.db"));
      const found = database.prepare("SELECT * FROM t").values();
      database.close();
      return found;
    };
    const made = new Database(folder.at("app.db"));
    made.run("CREATE TABLE t AS SELECT 1 AS id, 'x' AS name");
    made.close();
    for (const [output, ...how] of [["app.db#t", "--replace"], ["app.db#other"], ["new.db#t"]] as const) {
      const run = folder.start(["-e", "row", "-o", output, ...how]);
      await run.stdin.write(`id,name\n${"7,y\n".repeat(50_000)}`);
      await run.stdin.flush();
      // The journal is there as soon as something has changed.
      const [file] = output.split("#");
      while (!existsSync(folder.at(`${file}-journal`))) await Bun.sleep(10);
      run.kill(end);
      expect(await run.exited).toBe({ SIGINT: 130, SIGTERM: 143, SIGKILL: 137 }[end]);
      if (end !== "SIGKILL") expect(folder.names()).toEqual(["app.db"]);
      expect(rows()).toEqual([[1, "x"]]);
    }
    // A run that comes after them writes what they would have written.
    for (const output of ["app.db#other", "new.db#t"])
      (await folder.run(["-e", "row", "-o", output], { stdin: "id,name\n8,z\n" })).expect({});
    (await folder.run(["-e", "row", "app.db#other"])).expect({ stdout: "id,name\n8,z\n" });
    (await folder.run(["-e", "row", "new.db"])).expect({ stdout: "id,name\n8,z\n" });
  });
}
