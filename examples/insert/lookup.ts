// The way back: each row is looked up in the database.
import { Database } from "bun:sqlite";

export const setup = ({ args }: { args: Record<string, string> }) =>
  new Database(args["db"] ?? "products.sqlite", { readonly: true });

export default ({ sku }: { sku: string }, { state: database }: { state: Database }) =>
  database.query("select * from products where sku = ?").get(sku);

export const teardown = (database: Database) => database.close();
