/** Whether a table of Postgres is there, and its columns. */
import { postgresAddress } from "../../sources/postgres/address.ts";
import { findTable } from "../../sources/postgres/asked.ts";
import { connect, serverFailure } from "../../sources/postgres/connect.ts";
import type { KnownTable, AskedTable } from "../table.ts";

export async function lookAtPostgresTable({ name, path, table }: AskedTable): Promise<KnownTable | undefined> {
  const address = postgresAddress(path, { verb: "write" });
  try {
    const connection = await connect(address);
    try {
      const found = await findTable(connection, table);
      if (found === undefined) return undefined;
      const columns = await connection.columnsOf(`SELECT * FROM ${found.name} LIMIT 0`);
      return { columns: columns.map((column) => column.name) };
    } finally {
      await connection.close();
    }
  } catch (error) {
    throw serverFailure(error, { name, address, verb: "write" });
  }
}
