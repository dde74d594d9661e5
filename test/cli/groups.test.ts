/** `--group-by`, `--count`, `--sum`, `--mean`, `--min`, `--max`, as a user of the binary sees them. */
import { describe, expect, test } from "bun:test";
import { installBinary } from "./binary.ts";

const binary = installBinary();

const SALES = "city,year,sales\nOslo,2016,3\nRome,2016,5.5\nOslo,2017,\nOslo,2017,4\nBonn,2017,-1\n";

describe("figures", () => {
  test("of all rows are one row", async () => {
    const folder = binary.folder({ "in.csv": SALES });
    (await folder.run(["--count", "in.csv"])).expect({ stdout: "count\n5\n" });
    (await folder.run(["--sum", "sales", "--count", "--max", "sales,year", "in.csv"])).expect({
      stdout: "sales_sum,count,sales_max,year_max\n11.5,5,5.5,2017\n",
    });
    (await folder.run(["--count"], { stdin: SALES })).expect({ stdout: "count\n5\n" });
  });

  test("of groups stand in the order in which these come first, an empty field being no number", async () => {
    const folder = binary.folder({ "in.csv": SALES });
    const flags = ["--group-by", "city", "--count", "--mean", "sales", "--min", "sales"];
    const stdout = "city,count,sales_mean,sales_min\nOslo,3,3.5,3\nRome,1,5.5,5.5\nBonn,1,-1,-1\n";
    (await folder.run([...flags, "in.csv"])).expect({ stdout });
    for (const rows of ["1", "2"]) (await folder.run([...flags, "in.csv", "-b", rows, "-j", "2"])).expect({ stdout });
  });

  test("can be of several columns, of none, and none", async () => {
    const folder = binary.folder({ "in.csv": SALES });
    (await folder.run(["--group-by", "year,city", "--sum", "sales", "in.csv"])).expect({
      stdout: "year,city,sales_sum\n2016,Oslo,3\n2016,Rome,5.5\n2017,Oslo,4\n2017,Bonn,-1\n",
    });
    (await folder.run(["--group-by", "year", "in.csv"])).expect({ stdout: "year\n2016\n2017\n" });
  });

  test("of no number: a sum of 0, and nothing else", async () => {
    const folder = binary.folder({ "none.csv": "a,b\n", "empty.csv": "a,b\nx,\n" });
    const flags = ["--sum", "b", "--mean", "b", "--min", "b", "--max", "b"];
    (await folder.run([...flags, "none.csv"])).expect({ stdout: "b_sum,b_mean,b_min,b_max\n0,,,\n" });
    (await folder.run(["--group-by", "a", ...flags, "none.csv"])).expect({ stdout: "a,b_sum,b_mean,b_min,b_max\n" });
    (await folder.run(["--group-by", "a", ...flags, "empty.csv", "--to", "jsonl"])).expect({
      stdout: '{"a":"x","b_sum":0,"b_mean":null,"b_min":null,"b_max":null}\n',
    });
  });

  test("run behind a filter, an expression or a transform, in every command", async () => {
    const folder = binary.folder({
      "in.csv": SALES,
      "t.ts": "export default ({ city }) => [{ c: city[0] }, { c: 'x' }];",
    });
    (await folder.run(["--count", "--filter", "year == 2017", "in.csv"])).expect({ stdout: "count\n3\n" });
    (await folder.run(["-e", "{ big: sales > 3.5 }", "--group-by", "big", "--count", "in.csv"])).expect({
      stdout: "big,count\nfalse,3\ntrue,2\n",
    });
    (await folder.run(["run", "t.ts", "--group-by", "c", "--count", "in.csv"])).expect({
      stdout: "c,count\nO,3\nx,5\nR,1\nB,1\n",
    });
    (await folder.run(["run", "--count", "in.csv"])).expect({ stdout: "count\n5\n" });
    (await folder.run(["eval", "--count", "in.csv"])).expect({ stdout: "count\n5\n" });
    (await folder.run(["--count", "in.csv", "--first", "2"])).expect({ stdout: "count\n2\n" });
  });

  test("of JSON are of its numbers, of integers to the last digit; a missing value makes a group", async () => {
    const rows =
      '{"k":"a","n":9007199254740993}\n{"k":1,"n":1}\n{"n":0.5}\n{"k":"a","n":null}\n{"k":[1],"n":-9}\n{"k":[1]}\n';
    const folder = binary.folder({ "in.jsonl": rows });
    (await folder.run(["--group-by", "k", "--sum", "n", "--min", "n", "--count", "in.jsonl"])).expect({
      stdout:
        '{"k":"a","n_sum":9007199254740993,"n_min":9007199254740993,"count":2}\n{"k":1,"n_sum":1,"n_min":1,"count":1}\n' +
        '{"k":null,"n_sum":0.5,"n_min":0.5,"count":1}\n{"k":[1],"n_sum":-9,"n_min":-9,"count":2}\n',
    });
  });

  test("take names that are hostile", async () => {
    const csv = '__proto__,constructor,"a ""b"""\n1,x,2\n3,x,4\n';
    const folder = binary.folder({ "in.csv": csv, "in.jsonl": '{"a":1}\n{"constructor":2}\n' });
    const flags = ["--group-by", "constructor", "--sum", "__proto__", "--max", 'a "b"'];
    (await folder.run([...flags, "in.csv"])).expect({
      stdout: 'constructor,__proto___sum,"a ""b""_max"\nx,4,4\n',
    });
    (await folder.run(["--group-by", "constructor", "--count", "in.jsonl"])).expect({
      stdout: '{"constructor":null,"count":1}\n{"constructor":2,"count":1}\n',
    });
  });

  test("are exact: tenths add up, and what is large does not swallow what is small", async () => {
    const folder = binary.folder({ "in.csv": `v\n${"0.1\n".repeat(30)}1e16\n1\n-1e16\n` });
    (await folder.run(["--sum", "v", "in.csv", "-b", "7"])).expect({ stdout: "v_sum\n4\n" });
  });

  test("read only the columns that they are of", async () => {
    const folder = binary.folder({ "in.csv": SALES });
    (await folder.run(["--group-by", "city", "--count", "--filter", "year > 0", "in.csv", "--dry-run"])).expect({
      stdout: /reads: +2 of 3 columns: city, year\n/,
    });
  });
});

describe("what is wrong is said:", () => {
  test("a column that is not there, before anything runs", async () => {
    const folder = binary.folder({ "in.csv": SALES, "in.jsonl": '{"sales":1}\n' });
    (await folder.run(["--group-by", "ctiy", "--count", "in.csv"])).expect({
      code: 1,
      stderr: ["--group-by names ctiy, which is no column of the input", "did you mean city?"],
    });
    (await folder.run(["--sum", "sale", "in.csv"])).expect({
      code: 1,
      stderr: ["--sum names sale", "did you mean sales?"],
    });
    (await folder.run(["--sum", "sale", "in.jsonl"])).expect({
      code: 1,
      stderr: ["no row has a column sale", "did you mean sales?"],
    });
    (await folder.run(["-e", "{ sales }", "--sum", "sale", "in.jsonl"])).expect({
      code: 1,
      stderr: ["no row has a column sale", "did you mean sales?"],
    });
  });

  test("a field that is no number fails its row", async () => {
    const folder = binary.folder({ "in.csv": "a,b\nx,1\ny,two\nx,3\n" });
    (await folder.run(["--group-by", "a", "--sum", "b", "in.csv"])).expect({
      code: 1,
      stderr: ['in.csv:3: column b holds "two", wanted a number'],
    });
    const flags = ["--on-error", "reject", "--rejects", "bad.jsonl"];
    (await folder.run(["--group-by", "a", "--sum", "b", "--count", "in.csv", ...flags])).expect({
      code: 3,
      stdout: "a,b_sum,count\nx,4,2\n",
      stderr: ["1 of 3"],
    });
    expect(folder.read("bad.jsonl")).toMatch(/"line":3,.*"column":"b".*"code":"row-type"/);
    // A row with an output that is none counts for none of its outputs.
    (await folder.run(["-e", "[{ a, b: 7 }, { a, b }]", "--sum", "b", "--count", "in.csv", ...flags])).expect({
      code: 3,
      stdout: "b_sum,count\n18,4\n",
      stderr: ["1 of 3"],
    });
  });

  test("a column twice, an empty name, a value where none belongs", async () => {
    const folder = binary.folder({ "in.csv": SALES });
    (await folder.run(["--sum", "sales,sales", "in.csv"])).expect({ code: 2, stderr: ["the column sales_sum twice"] });
    (await folder.run(["--sum", "", "in.csv"])).expect({ code: 2, stderr: ["--sum has an empty name"] });
    (await folder.run(["--count=city", "in.csv"])).expect({ code: 2, stderr: ["--count takes no value"] });
    (await folder.run(["--count", "in.csv", "-o", "out.csv", "--resume"])).expect({
      code: 2,
      stderr: ["comes out at the end"],
    });
  });
});
