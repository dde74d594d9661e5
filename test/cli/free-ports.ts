/** Ports for servers of tests. */
import { createServer } from "node:net";

const FIRST_PORT = 20_000;
const LAST_PORT = 30_000;

/** The first one of so many ports in a row that are free: below those that the system hands out. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    const found = await Promise.all(Array.from({ length: count }, (_, at) => isFree(first + at)));
    if (found.every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
