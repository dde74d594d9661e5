// Insert rows into a database, a hundred in a transaction. One worker, as SQLite has one writer. When a batch fails it is rolled back
// and called again for each of its rows alone, so that one bad row costs only itself; a function is called at least once for each
// row, which "or replace" makes harmless.
import { Database } from "bun:sqlite";

interface Product {
  sku: string;
  title: string;
  price: number;
}

interface Context {
  args: Record<string, string>;
  state: Database;
}

export const options = { jobs: 1, batch: 100 };

export const setup = ({ args }: Pick<Context, "args">) => {
  const database = new Database(args["db"] ?? "products.sqlite", { create: true, strict: true });
  database.run("create table if not exists products (sku text primary key, title text, price real check (price >= 0))");
  return database;
};

export function batch(products: Product[], { state: database }: Context) {
  const insert = database.query("insert or replace into products values ($sku, $title, $price)");
  database.transaction(() => {
    for (const { sku, title, price } of products) insert.run({ sku, title, price });
  })();
  return products.map(({ sku }) => ({ sku }));
}

export const teardown = (database: Database) => database.close();
