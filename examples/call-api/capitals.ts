// Call an HTTP API for each row. `--retries` calls again after a failure, with pauses that grow; `--rate` spaces the calls of all
// workers; `--concurrency` says how many are under way in a worker; `--timeout` ends those that hang, by ctx.signal.
import type { RowContext } from "rowmill";

interface Country {
  code: string;
}

export default async ({ code }: Country, ctx: RowContext) => {
  const response = await fetch(`${ctx.args["api"]}/countries/${encodeURIComponent(code)}`, { signal: ctx.signal });
  if (response.status === 404) return { code, capital: null };
  // A throw fails the row, or has it tried again.
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  const { capital } = (await response.json()) as { capital: string };
  return { code, capital };
};
