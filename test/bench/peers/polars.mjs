// A program in polars: `node polars.mjs FOLDER THREADS PROGRAM INPUT OUTPUT`. FOLDER is one whose node_modules holds
// nodejs-polars. All programs are lazy and stream from file to file.
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";

const [folder, threads, name, input, output] = process.argv.slice(2);
// Read when the library is loaded.
process.env.POLARS_MAX_THREADS = threads;
const pl = createRequire(join(folder, "package.json"))("nodejs-polars");

const int = (value) => pl.lit(value).cast(pl.Int64);
const age = () => int(2017).minus(pl.col("born")).alias("age");

const PROGRAMS = {
  wide: () => pl.scanCSV(input).select(pl.col("name"), age()),
  spread: () => pl.scanCSV(input).withColumns(age()),
  // As text, or 5.10 would be written as 5.1.
  filter: () => pl.scanCSV(input, { inferSchemaLength: 0 }).filter(pl.col("born").cast(pl.Int64).gtEq(int(1980))),
  stations: () => {
    const temperature = pl.col("temperature");
    return pl
      .scanCSV(input, { sep: ";" })
      .groupBy("station")
      .agg(
        temperature.min().alias("temperature_min"),
        temperature.mean().alias("temperature_mean"),
        temperature.max().alias("temperature_max"),
      );
  },
};

PROGRAMS[name]().sinkCSV(output).collectSync();
