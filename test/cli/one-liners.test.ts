/**
 * One-liners as people write them, over files as people have them. What they must give is what Miller 6.6.0 and DuckDB
 * 1.5.6 gave for the same question (Miller's sums but for the last digits, since it adds up doubles).
 */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "bun:test";
import { installBinary } from "./binary.ts";

const binary = installBinary();
const DATA = join(import.meta.dir, "../../node_modules/vega-datasets/data");

const ONE_LINERS: readonly [file: string, args: readonly string[], lines: readonly string[]][] = [
  ["weather.csv", ["--filter", "temp_max > temp_min", "--count"], ["2922"]],
  ["weather.csv", ["--filter", "temp_max === 5", "--count"], ["37"]],
  ["weather.csv", ["--filter", "precipitation", "--count"], ["1093"]],
  ["weather.csv", ["--filter", "!precipitation", "--count"], ["1829"]],
  ["weather.csv", ["-e", "{ range: temp_max - temp_min }", "--sum", "range"], ["23834.2"]],
  [
    "weather.csv",
    ["-e", "{ weather, range: temp_max - temp_min }", "--group-by", "weather", "--max", "range"],
    ["drizzle,15.6", "rain,18.299999999999997", "sun,20", "snow,14.4", "fog,16.1"],
  ],
  ["weather.csv", ["-e", "{ fahrenheit: temp_max * 9 / 5 + 32 }", "--max", "fahrenheit"], ["100.03999999999999"]],
  ["weather.csv", ["--filter", "temp_max + temp_min > 50", "--count"], ["157"]],
  ["weather.csv", ["--filter", 'date >= "2015-06-01"', "--count"], ["428"]],
  ["weather.csv", ["--types", "date=date", "--filter", "date.getUTCMonth() === 6", "--count"], ["248"]],
  [
    "weather.csv",
    ["-e", "{ year: new Date(date).getUTCFullYear(), precipitation }", "--group-by", "year", "--sum", "precipitation"],
    ["2012,2238.5", "2013,1730.7", "2014,2522.6", "2015,2112.8"],
  ],
  [
    "weather.csv",
    ["--group-by", "location", "--max", "wind", "--min", "temp_min"],
    ["Seattle,9.5,-7.1", "New York,16.2,-16"],
  ],
  ["weather.csv", ["--filter", 'wind > precipitation && weather === "rain"', "--count"], ["591"]],
  ["birdstrikes.csv", ["--filter", 'row["Speed IAS in knots"] > 300', "--count"], ["20"]],
  ["birdstrikes.csv", ["--filter", 'row["Speed IAS in knots"] < 100', "--count"], ["291"]],
  [
    "birdstrikes.csv",
    ["--filter", 'row["Cost Total $"] === row["Cost Repair"] + row["Cost Other"]', "--count"],
    ["10000"],
  ],
  ["birdstrikes.csv", ["--filter", 'row["Cost Repair"] > row["Cost Other"]', "--count"], ["163"]],
  [
    "birdstrikes.csv",
    ["-e", '{ doubled: row["Speed IAS in knots"] * 2 }', "--mean", "doubled"],
    ["307.07035175879395"],
  ],
  [
    "birdstrikes.csv",
    ["-e", '{ speed: row["Speed IAS in knots"] ?? 0 }', "--sum", "speed", "--min", "speed"],
    ["1099926,0"],
  ],
  [
    "birdstrikes.csv",
    [
      "-e",
      '{ size: row["Wildlife Size"], cost: row["Cost Repair"] + row["Cost Other"] }',
      "--group-by",
      "size",
      "--sum",
      "cost",
    ],
    ["Large,26253787", "Medium,8679302", "Small,5612187"],
  ],
  [
    "co2-concentration.csv",
    ["-e", '{ difference: CO2 - row["adjusted CO2"] }', "--min", "difference", "--max", "difference"],
    ["-3.6299999999999955,3.409999999999968"],
  ],
  ["co2-concentration.csv", ["--filter", 'CO2 > row["adjusted CO2"]', "--count"], ["432"]],
  [
    "co2-concentration.csv",
    ["-e", '{ decade: Date.slice(0, 3) + "0", CO2 }', "--group-by", "decade", "--max", "CO2"],
    [
      "1950,318.29",
      "1960,327.38",
      "1970,339.47",
      "1980,355.67",
      "1990,371.14",
      "2000,390.17",
      "2010,414.83",
      "2020,416.18",
    ],
  ],
];

test.each(ONE_LINERS)("%s: %p", async (file, args, lines) => {
  const folder = binary.folder();
  copyFileSync(join(DATA, file), folder.at(file));
  const stdout = `${lines.join("\n")}\n`;
  for (const jobs of ["1", "4"]) {
    (await folder.run([...args, "--no-header-out", "-q", "-j", jobs, file])).expect({ stdout });
    (await folder.bash(`rowmill ${args.map(quoted).join(" ")} --no-header-out -q -j ${jobs} < ${file}`)).expect({
      stdout,
    });
  }
});

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
