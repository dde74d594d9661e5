/** Tables and queries of a real server of Postgres, as a user reads them. */
import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync } from "node:fs";
import { installBinary } from "./binary.ts";
import { PostgresServer } from "./postgres-server.ts";

const binary = installBinary();
const started = await PostgresServer.start();
afterAll(() => started?.stop());
const server = started as PostgresServer;

if (started !== undefined) {
  await server.sql(`
    CREATE TABLE people (id int8, name text, score numeric(10,2), born date, alive bool);
    INSERT INTO people VALUES (1, 'Ada', 1.50, '1815-12-10', false), (2, '', NULL, NULL, NULL),
      (9223372036854775807, E'Emmy "N", \\n\\\\.', 'NaN', '1882-03-23', true);
    CREATE SEQUENCE numbers;
    CREATE SCHEMA other;
    CREATE TABLE other."Odd name"("a ""b" int, "A" text);
    INSERT INTO other."Odd name" VALUES (1, 'x');
    CREATE TABLE lone (x text);
    INSERT INTO lone VALUES (NULL), (''), ('\\.'), ('x');
    CREATE TABLE large AS SELECT g AS id, repeat('text ' || g || ', "', g % 30) AS note FROM generate_series(1, 150000) AS g;
    DELETE FROM large WHERE id % 7 = 0;
    CREATE ROLE secret LOGIN PASSWORD 'it''s: a@secret';
    CREATE ROLE encrypted LOGIN;
    GRANT SELECT ON lone TO secret, encrypted;
  `);
}

describe.skipIf(started === undefined)("a table of Postgres", () => {
  test("is read as it is: null, empty texts, numbers of all digits, line breaks, booleans", async () => {
    const ran = await binary.folder().run(["-e", "row", server.url("#people")]);
    ran.expect({
      stdout: `id,name,score,born,alive
1,Ada,1.50,1815-12-10,false
2,,,,
9223372036854775807,"Emmy ""N"", \n\\.",NaN,1882-03-23,true
`,
    });
  });

  test("has types: numbers, bigints, booleans, null", async () => {
    const code =
      "({ id: typeof id, name: name === '' ? 'empty' : name, double: score * 2, old: alive === false, born: typeof born })";
    const ran = await binary.folder().run(["-e", code, "--filter", "!(score !== score)", server.url("#people")]);
    ran.expect({
      stdout: "id,name,double,old,born\nnumber,Ada,3,true,string\nnumber,empty,,false,object\n",
    });
  });

  test("of any name, in any schema", async () => {
    const folder = binary.folder();
    (await folder.run(["-e", "row", "--to", "jsonl", server.url("#other.Odd name")])).expect({
      stdout: '{"a \\"b":1,"A":"x"}\n',
    });
    for (const name of ["#PEOPLE", "#public.people"])
      (await folder.run(["-e", "({ id })", "--limit", "1", server.url(name)])).expect({ stdout: "id\n1\n" });
  });

  test("with one column keeps rows that are null", async () => {
    const ran = await binary.folder().run(["-e", "row", "--to", "jsonl", server.url("#lone")]);
    ran.expect({ stdout: '{"x":null}\n{"x":""}\n{"x":"\\\\."}\n{"x":"x"}\n' });
  });

  test("that is large is read in parts, in its order", async () => {
    const folder = binary.folder();
    const rows = await server.sql("SELECT id, note FROM large ORDER BY ctid");
    (await folder.run(["-e", "row", "--to", "jsonl", server.url("#large"), "-o", "out.jsonl"])).expect({});
    expect(folder.read("out.jsonl")).toBe(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  });

  test("that is large is cut into shards; one that has changed since the plan is named", async () => {
    const folder = binary.folder();
    await server.sql("CREATE TABLE spread AS SELECT id, note FROM large ORDER BY id");
    const words = ["-e", "({ i, id, n: note.length / 3 })", server.url("#spread")];
    (await folder.run([...words, "-o", "one.csv", "-q"])).expect({});
    const plan = async (to: string): Promise<void> => {
      (await folder.run(["plan", ...words, "-o", to, "--shard-bytes", "8M", "-q"])).expect({});
    };
    await plan("work");
    (await folder.run(["shard", "work", "all", "-q"])).expect({});
    (await folder.run(["merge", "work", "-o", "out.csv", "-q"])).expect({});
    expect(folder.read("out.csv")).toBe(folder.read("one.csv"));
    const { shards } = JSON.parse(folder.read("work/plan.json")) as { shards: unknown[] };
    expect(shards.length).toBeGreaterThan(2);
    await plan("again");
    await server.sql("UPDATE spread SET note = upper(note) WHERE id = 149999");
    (await folder.run(["shard", "again", "0", "-q"])).expect({});
    const ran = await folder.run(["shard", "again", "all", "-q"]);
    ran.expect({
      code: 2,
      stderr: [/the rows that shard \d+ has read of postgres:\S+#spread are not those of the plan/],
    });
  });

  test("is read as it was when the run began", async () => {
    await server.sql(
      "CREATE TABLE moving AS SELECT g AS id, repeat('x', 90) AS x FROM generate_series(1, 120000) AS g",
    );
    const folder = binary.folder();
    const sum = folder.run(["--group-by", "x", "--count", "--sum", "id", server.url("#moving")]);
    for (let at = 0; at < 20; at++) await server.sql("UPDATE moving SET id = -id WHERE id % 10 = 0");
    const { stdout } = (await sum).expect({ stdout: /^x,count,id_sum\nx+,120000,\d+\n$/ });
    // All of the tenth rows are negative, or none is.
    const [all, tenths] = [(120_000 * 120_001) / 2, (10 * 12_000 * 12_001) / 2];
    expect([all, all - 2 * tenths]).toContain(Number(/\d+$/m.exec(stdout.trim())?.[0]));
  });

  test("is not there: the error names those that are", async () => {
    const folder = binary.folder();
    const run = async (rest: string): Promise<Awaited<ReturnType<typeof folder.run>>> =>
      await folder.run(["-e", "row", server.url(rest)]);
    (await run("#peopel")).expect({ code: 1, stderr: ["has no table peopel", "#people?"] });
    (await run("#odd name")).expect({ code: 1, stderr: ["has no table odd name", "#other.Odd name?"] });
    (await run("")).expect({ code: 1, stderr: ["which table", "its tables are "] });
  });

  test("joins, and is joined", async () => {
    const folder = binary.folder({ "in.csv": "id,n\n1,a\n5,b\n" });
    const args = ["--join", server.url("#people"), "--on", "id", "--kind", "left", "-e", "({ id, n, name })", "in.csv"];
    (await folder.run(args)).expect({ stdout: "id,n,name\n1,a,Ada\n5,b,\n" });
  });

  test("has failed rows by their numbers", async () => {
    const folder = binary.folder();
    const ran = await folder.run(["-e", "({ t: name.toUpperCase(), s: score.toFixed(1) })", server.url("#people")]);
    ran.expect({ code: 1, stdout: "t,s\nADA,1.5\n", stderr: ["#people, row 2: "] });
  });
});

describe.skipIf(started === undefined)("a query of Postgres", () => {
  test("is any that gives rows", async () => {
    const folder = binary.folder();
    const sql =
      "WITH p AS (SELECT name, ';' AS x FROM people) SELECT name, x FROM p ORDER BY name DESC LIMIT 2; -- end";
    const all = folder.run(["-e", "row", server.url(`?sql=${sql}`)]);
    (await all).expect({ stdout: 'name,x\n"Emmy ""N"", \n\\.",;\nAda,;\n' });
    const lists = "SELECT ARRAY[1, NULL] AS a, '{\"b\": [12345678901234567890]}'::jsonb AS j, ROW(1, 'x') AS r";
    (await folder.run(["-e", "({ ...row, n: j.b.length })", "--to", "jsonl", server.url(`?sql=${lists}`)])).expect({
      stdout: '{"a":[1,null],"j":{"b":[12345678901234567890]},"r":{"f1":1,"f2":"x"},"n":1}\n',
    });
  });

  test("that fails says what the server says, and where", async () => {
    const folder = binary.folder();
    const failures: [sql: string, said: string][] = [
      ["SELECT nosuch FROM people", 'column "nosuch" does not exist (at character 8 of the query: nosuch FROM people)'],
      ["SELECT 1 / (id - 1) FROM people", "division by zero"],
      ["SELECT 1; DROP TABLE people", "more than one statement"],
      ["INSERT INTO lone VALUES ('y')", "stands no query"],
      ["SELECT setval('s', 1) FROM (SELECT 1) AS q", "does not exist"],
      ["SELECT nextval('numbers')", "read-only transaction"],
    ];
    for (const [sql, said] of failures)
      (await folder.run(["-e", "row", server.url(`?sql=${sql}`)])).expect({ code: 1, stderr: [said] });
  });

  test("ends on the server when the run is interrupted, or killed", async () => {
    const folder = binary.folder();
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      const run = folder.start(["-e", "row", server.url("?sql=SELECT count(*) FROM generate_series(1, 9000000000)")]);
      await until(async () => (await server.connections()) === 1);
      run.kill(signal);
      await run.exited;
      await until(async () => (await server.connections()) === 0);
    }
  });

  test("whose connection is cut ends the run with an error, and leaves no file", async () => {
    const folder = binary.folder();
    const run = folder.run([
      "-e",
      "row",
      server.url("?sql=SELECT g, pg_sleep(0.0001) FROM generate_series(1, 9000000) AS g"),
      "-o",
      "o.csv",
    ]);
    await until(async () => (await server.connections()) === 1);
    await until(() => existsSync(folder.at("o.csv.part")));
    await server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rowmill'");
    (await run).expect({ code: 1, stderr: ["the server says: terminating connection"] });
    expect(folder.names()).toEqual([]);
  });
});

describe.skipIf(started === undefined)("a table of Postgres as output", () => {
  const IN = "id,name,score,day\n1,Ada,1.50,1815-12-10\n2,,2,\n";

  test("is made, with types by the values", async () => {
    const folder = binary.folder({ "in.csv": IN });
    const code = "{ ...row, j: { a: [1] }, ok: id > 1, at: new Date(0), big: 2n ** 70n, none: null }";
    (await folder.run(["-e", code, "in.csv", "-o", server.url("#made")])).expect({});
    const columns = await server.sql(
      "SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position) AS all FROM information_schema.columns WHERE table_name = 'made'",
    );
    expect(columns).toEqual([
      {
        all: "id bigint, name text, score numeric, day text, j jsonb, ok boolean, at timestamp with time zone, big numeric, none text",
      },
    ]);
    const rows = await server.sql(
      "SELECT id::text, name, score::text, day, j->'a' AS j, ok, big::text FROM made ORDER BY made.id",
    );
    const big = String(2n ** 70n);
    expect(rows).toEqual([
      { id: "1", name: "Ada", score: "1.50", day: "1815-12-10", j: [1], ok: false, big },
      { id: "2", name: "", score: "2", day: "", j: [1], ok: true, big },
    ]);
  });

  test("in a schema, of any name; where there is no such schema it is not", async () => {
    const folder = binary.folder({ "in.csv": IN });
    (await folder.run(["-e", "row", "in.csv", "-o", server.url('#other.New "one"')])).expect({});
    expect(await server.sql('SELECT count(*)::int4 AS n FROM other."New ""one"""')).toEqual([{ n: 2 }]);
    (await folder.run(["-e", "row", "in.csv", "-o", server.url("#nowhere.t")])).expect({
      code: 1,
      stderr: ["there is no schema nowhere", "CREATE SCHEMA"],
    });
  });

  test("gets more rows, others, or those whose key is not there", async () => {
    await server.sql(
      "CREATE TABLE keyed (id int PRIMARY KEY, name text, n int DEFAULT 7); INSERT INTO keyed VALUES (1, 'one', 1)",
    );
    await server.sql("CREATE VIEW seen AS SELECT * FROM keyed");
    const folder = binary.folder({ "in.csv": "name,id\nuno,1\neins,1\ndos,2\n", "9.csv": "id\n9\n" });
    const run = async (...args: string[]): Promise<Awaited<ReturnType<typeof folder.run>>> =>
      await folder.run(["-e", "row", "-o", server.url("#keyed"), ...args]);
    const rows = async (): Promise<unknown[]> => await server.sql("SELECT id, name, n FROM seen ORDER BY id");
    (await run("in.csv")).expect({ code: 1, stderr: ["duplicate key", "(COPY, line 1)", "--on-conflict ignore"] });
    expect(await rows()).toEqual([{ id: 1, name: "one", n: 1 }]);
    (await run("in.csv", "--on-conflict", "ignore")).expect({});
    expect(await rows()).toEqual([
      { id: 1, name: "one", n: 1 },
      { id: 2, name: "dos", n: 7 },
    ]);
    // Of two rows with one key the last one counts.
    (await run("in.csv", "--on-conflict", "replace")).expect({});
    expect(await rows()).toEqual([
      { id: 1, name: "eins", n: 1 },
      { id: 2, name: "dos", n: 7 },
    ]);
    (await run("9.csv", "--replace")).expect({});
    expect(await rows()).toEqual([{ id: 9, name: null, n: 7 }]);
    (await run("9.csv", "--replace", "--on-conflict", "ignore")).expect({ code: 2, stderr: ["--replace"] });
    (await run("9.csv", "--replace", "--dry-run")).expect({ stdout: /table: +postgres:.*#keyed: is there.*replaced/ });
  });

  test("has no key: nothing can be the same", async () => {
    await server.sql("CREATE TABLE keyless (id int); CREATE TABLE twice (id int UNIQUE, n int UNIQUE)");
    const folder = binary.folder({ "in.csv": "id\n1\n" });
    const failures: [name: string, how: string, said: string][] = [
      ["#keyless", "ignore", "has no key"],
      ["#nosuch", "replace", "has no key"],
      ["#twice", "replace", "several unique keys"],
    ];
    for (const [name, how, said] of failures) {
      const ran = await folder.run(["-e", "row", "in.csv", "-o", server.url(name), "--on-conflict", how]);
      ran.expect({ code: 1, stderr: [said] });
    }
  });

  test("stays as it was when a row does not fit, or the function fails", async () => {
    await server.sql("CREATE TABLE whole (id int, t text); INSERT INTO whole VALUES (1, 'x')");
    const folder = binary.folder({ "in.csv": "id,t\n2,a\nx,b\n" });
    const failures: [code: string, said: string][] = [
      ["row", "invalid input syntax for type integer"],
      ["{ id: 3, other: t }", "the table has no column other"],
      ["{ id: 3, t: t === 'b' ? t.x.y : t }", "undefined is not an object"],
      ["{ id: 3, t: '\\0' }", "zero character"],
    ];
    for (const how of [[], ["--replace"]]) {
      for (const [code, said] of failures) {
        const ran = await folder.run(["-e", code, "in.csv", "-o", server.url("#whole"), ...how]);
        ran.expect({ code: 1, stderr: [said] });
      }
    }
    expect(await server.sql("SELECT * FROM whole")).toEqual([{ id: 1, t: "x" }]);
  });

  for (const end of ["SIGINT", "SIGTERM", "SIGKILL", "cut"] as const) {
    test(`stays as it was when the run is ended: ${end}`, async () => {
      await server.sql("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 1 AS id, 'x' AS t");
      const folder = binary.folder();
      for (const table of ["#kept", "#never"]) {
        const run = folder.start(["-e", "row", "-o", server.url(table), ...(table === "#kept" ? ["--replace"] : [])]);
        await run.stdin.write(`id,t\n${"7,y\n".repeat(200_000)}`);
        await run.stdin.flush();
        await until(async () => (await server.connections()) === 1);
        if (end === "cut") {
          await server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rowmill'");
          await run.stdin.end();
        } else run.kill(end);
        expect(await run.exited).toBe({ SIGINT: 130, SIGTERM: 143, SIGKILL: 137, cut: 1 }[end]);
        await until(async () => (await server.connections()) === 0);
        expect(await server.sql("SELECT * FROM kept")).toEqual([{ id: 1, t: "x" }]);
        expect(await server.sql("SELECT to_regclass('never')::text AS name")).toEqual([{ name: null }]);
      }
    });
  }

  test("may be what is read", async () => {
    await server.sql("CREATE TABLE itself AS SELECT g AS id FROM generate_series(1, 3) AS g");
    const folder = binary.folder();
    const address = server.url("#itself");
    (await folder.run(["-e", "{ id: id + 3 }", address, "-o", address])).expect({});
    const reversed = ["-e", "{ id: id * 10 }", "--sort-by", "-id:num", address, "-o", address, "--replace"];
    (await folder.run(reversed)).expect({});
    const ids = await server.sql("SELECT string_agg(id::text, ' ' ORDER BY ctid) AS ids FROM itself");
    expect(ids).toEqual([{ ids: "60 50 40 30 20 10" }]);
  });

  test("holds what SQLite and JSON lines hold, there and back", async () => {
    const lines = [
      '{"id":9007199254740993,"t":"a \\"b\\",\\n","n":1.50,"j":{"k":[1,null]},"b":true,"e":""}\n',
      '{"id":1,"t":null,"n":null,"j":null,"b":false,"e":null}\n',
    ].join("");
    const folder = binary.folder({ "in.jsonl": lines });
    (await folder.run(["-e", "row", "in.jsonl", "-o", server.url("#there")])).expect({});
    const back = await folder.run(["-e", "row", "--to", "jsonl", server.url("#there")]);
    back.expect({ stdout: lines });
    (await folder.run(["-e", "row", server.url("#there"), "-o", "app.db#t"])).expect({});
    (await folder.run(["-e", "row", "app.db#t", "-o", server.url("#again")])).expect({});
    const again = await server.sql("SELECT id::text, t, n::text, j, b::text, e FROM again ORDER BY again.id DESC");
    expect(again).toEqual([
      { id: "9007199254740993", t: 'a "b",\n', n: "1.5", j: '{"k":[1,null]}', b: "1", e: "" },
      { id: "1", t: null, n: null, j: null, b: "0", e: null },
    ]);
  });
});

describe.skipIf(started === undefined)("a server of Postgres", () => {
  test("that does not answer, or has no such database", async () => {
    const folder = binary.folder();
    (await folder.run(["-e", "row", "postgres://postgres@127.0.0.1:1/x#t"])).expect({
      code: 1,
      stderr: ["no server answers at 127.0.0.1:1", "check the host"],
    });
    const other = server.url("#people").replace("/postgres#", "/nosuch#");
    (await folder.run(["-e", "row", other])).expect({ code: 1, stderr: ['database "nosuch" does not exist'] });
    (await folder.run(["-e", "row", server.url("?sslmode=require#people")])).expect({
      code: 1,
      stderr: ["does not encrypt", "sslmode=prefer"],
    });
  });

  test("asks for a password: of the environment, of a file, or none is right", async () => {
    const folder = binary.folder();
    const address = server.url("#lone", "secret");
    const rows = 'x\n""\n""\n\\.\nx\n';
    const run = async (env: Record<string, string>): Promise<Awaited<ReturnType<typeof folder.run>>> =>
      await folder.run(["-e", "row", address], { env });
    (await run({ PGPASSWORD: "it's: a@secret" })).expect({ stdout: rows });
    (await run({ PGPASSWORD: "other" })).expect({ code: 1, stderr: ["password authentication failed", "PGPASSWORD"] });
    (await run({})).expect({ code: 1, stderr: ["password", "PGPASSWORD"] });
    folder.write({ passwords: `# ours\nelsewhere:*:*:*:no\n127.0.0.1:${server.port}:*:secret:it's\\: a@secret\n` });
    chmodSync(folder.at("passwords"), 0o600);
    (await run({ PGPASSFILE: folder.at("passwords") })).expect({ stdout: rows });
    chmodSync(folder.at("passwords"), 0o644);
    (await run({ PGPASSFILE: folder.at("passwords") })).expect({ code: 1, stderr: ["others may read it: chmod 600"] });
  });

  test("is told by the environment, and by services", async () => {
    const env = { PGHOST: server.folder, PGPORT: String(server.port), PGUSER: "postgres", PGDATABASE: "postgres" };
    const folder = binary.folder({ services: `[here]\nhost=${server.folder}\nport=${server.port}\nuser=postgres\n` });
    (await folder.run(["-e", "row", "--limit", "1", "postgres:///#people"], { env })).expect({ stdout: /^id,name/ });
    const services = { PGSERVICEFILE: folder.at("services") };
    (await folder.run(["-e", "row", "--limit", "1", "postgres://?service=here#people"], { env: services })).expect({
      stdout: /^id,name/,
    });
    (await folder.run(["-e", "row", "postgres://?service=there#people"], { env: services })).expect({
      code: 1,
      stderr: ["there is no service there", "services"],
    });
  });

  test.skipIf(Bun.which("openssl") === null)("that encrypts", async () => {
    const certificate = await server.encrypt();
    const folder = binary.folder();
    const run = async (host: string, settings: string): Promise<Awaited<ReturnType<typeof folder.run>>> =>
      await folder.run(["-e", "row", `postgres://encrypted@${host}:${server.port}/postgres${settings}#lone`]);
    await until(async () => (await run("127.0.0.1", "")).code === 0);
    const [plain, self, other, right] = await Promise.all([
      run("127.0.0.1", "?sslmode=disable"),
      run("localhost", "?sslmode=verify-full"),
      run("127.0.0.1", `?sslmode=verify-full&sslrootcert=${certificate}`),
      run("localhost", `?sslmode=verify-full&sslrootcert=${certificate}`),
    ]);
    plain.expect({ code: 1, stderr: ["no encryption"] });
    self.expect({ code: 1, stderr: ["does not hold", "sslrootcert=FILE"] });
    other.expect({ code: 1, stderr: ["does not hold"] });
    right.expect({ stdout: /^x\n/ });
  });

  test("is named without the password of its address", async () => {
    const folder = binary.folder();
    const address = server.url("#lone", "secret:it%27s%3A%20a%40secret");
    const code = "(row, ctx) => ({ file: ctx.file, x: row.x.length })";
    const rejects = ["--on-error", "reject", "--rejects", "r.jsonl", "--summary", "s.json", "-o", "out.csv"];
    const ran = await folder.run(["-e", code, address, ...rejects]);
    ran.expect({ code: 3, stderr: [":…@127.0.0.1", "others on this machine may see the password"] });
    const wrong = await folder.run(["-e", code, address.replace("it%27s", "no"), "--dry-run"]);
    const args = ["-e", "{ a: 1 }", "r.jsonl", "-o", address.replace("it%27s", "no"), "--summary", "o.json"];
    const out = await folder.run(args);
    out.expect({ code: 1, stderr: ["cannot write postgres://secret:…@", "password authentication failed"] });
    const all = [
      out.stderr,
      ran.stderr,
      wrong.stderr,
      wrong.stdout,
      ...folder.names().map((name) => folder.read(name)),
    ].join("\n");
    expect(all).not.toMatch(/it(?:%27|')s|no%3A|a%40secret/);
    expect(all).toContain("postgres://secret:…@127.0.0.1");
  });
});

/** Waits for what comes, however long it takes. */
async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await Bun.sleep(20);
}
