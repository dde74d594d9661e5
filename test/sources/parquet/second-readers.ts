/** DuckDB and polars, installed into a folder for the moment: they write and read Parquet as Rowmill does. */
import { createRequire } from "node:module";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "bun";
import type { Texts } from "./rows.ts";

const PACKAGES = { "@duckdb/node-api": "1.5.6-r.1", "nodejs-polars": "0.26.1", "parquetjs-lite": "0.8.7" };

/** What is used of DuckDB. */
interface DuckDbConnection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getRowObjectsJson(): Record<string, string | null>[] }>;
}

interface DuckDbModule {
  DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<DuckDbConnection> }> };
}

/** What is used of polars. */
interface Frame {
  columns: string[];
  select(...columns: unknown[]): Frame;
  toRecords(): Texts[];
  writeParquet(path: string, options: object): void;
}

export interface Polars {
  DataFrame(columns: Record<string, unknown[]>): Frame;
  readParquet(path: string): Frame;
  col(name: string): { cast(type: unknown): unknown };
  Utf8: unknown;
}

/** A program of its own in a folder of its own. */
export class SecondReaders {
  readonly folder: string;
  readonly duckDb: DuckDbConnection;
  readonly polars: Polars;

  private constructor(folder: string, duckDb: DuckDbConnection, polars: Polars) {
    this.folder = folder;
    this.duckDb = duckDb;
    this.polars = polars;
  }

  static async install(): Promise<SecondReaders> {
    const folder = mkdtempSync(join(tmpdir(), "rowmill-second-"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: PACKAGES }));
    await $`bun install --ignore-scripts`.cwd(folder).quiet();
    const { DuckDBInstance } = (await load(folder, "@duckdb/node-api")) as DuckDbModule;
    const instance = await DuckDBInstance.create(":memory:");
    const duckDb = await instance.connect();
    await duckDb.run("SET TimeZone = 'UTC'");
    const { default: polars } = (await load(folder, "nodejs-polars")) as { default: Polars };
    return new SecondReaders(folder, duckDb, polars);
  }

  /** Any of the packages. */
  async module(name: string): Promise<unknown> {
    return await load(this.folder, name);
  }

  /** The rows of a file as texts: nested values as JSON, other bytes in Base64. */
  async byDuckDb(path: string): Promise<Texts[]> {
    const described = await this.duckDb.runAndReadAll(`DESCRIBE FROM '${path}'`);
    const columns = described.getRowObjectsJson().map(({ column_name: name, column_type: type }) => {
      const quoted = `"${String(name).replaceAll('"', '""')}"`;
      if (type === "BLOB") return `base64(${quoted}) AS ${quoted}`;
      const isNested = /\[\]$|^(?:STRUCT|MAP)\(/.test(String(type));
      return `${isNested ? `to_json(${quoted})` : quoted}::VARCHAR AS ${quoted}`;
    });
    const read = await this.duckDb.runAndReadAll(`SELECT ${columns.join(", ")} FROM '${path}'`);
    return read.getRowObjectsJson();
  }

  /** The rows of a file as texts, as far as polars has texts for them. */
  byPolars(path: string): Texts[] {
    const frame = this.polars.readParquet(path);
    return frame.select(...frame.columns.map((name) => this.polars.col(name).cast(this.polars.Utf8))).toRecords();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

async function load(folder: string, name: string): Promise<unknown> {
  return await import(createRequire(join(folder, "package.json")).resolve(name));
}
