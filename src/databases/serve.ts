/** The role of a thread that writes a table. */
import { RowmillError, messageOf, toWire, withoutSecrets } from "../errors.ts";
import type { FromDatabase, ToDatabase } from "./messages.ts";
import { databaseOf } from "./registry.ts";
import type { TableWriter, AskedTable } from "./table.ts";

type Post = (message: FromDatabase, transfer: ArrayBuffer[]) => void;

export async function serveDatabase(setup: AskedTable, post: Post): Promise<(message: { type: string }) => void> {
  const fail = (error: unknown): void => post({ type: "failed", error: toWire(described(error, setup)) }, []);
  let table: TableWriter;
  try {
    const open = await databaseOf(setup.kind);
    table = await open(setup);
  } catch (error) {
    fail(error);
    return () => {};
  }
  post({ type: "opened" }, []);
  const act = async (asked: ToDatabase): Promise<void> => {
    if (asked.type === "lines") {
      await table.write(asked.lines);
      post({ type: "taken" }, []);
    } else if (asked.type === "commit") post({ type: "committed", notices: await table.commit() }, []);
    else {
      await table.abandon();
      post({ type: "abandoned" }, []);
    }
  };
  let hasFailed = false;
  const actBehind = async (before: Promise<void>, asked: ToDatabase): Promise<void> => {
    await before;
    if (hasFailed) return;
    try {
      await act(asked);
    } catch (error) {
      hasFailed = true;
      fail(error);
    }
  };
  let last = Promise.resolve();
  return (message) => {
    const asked = message as ToDatabase;
    // Whatever is under way, an end is an end: who waits for a server may wait for long.
    if (asked.type === "abandon") act(asked).catch(fail);
    else last = actBehind(last, asked);
  };
}

function described(error: unknown, { name }: AskedTable): unknown {
  if (error instanceof RowmillError) return error;
  return new RowmillError("output", `cannot write ${withoutSecrets(name)}: ${messageOf(error)}`, { cause: error });
}
