/**
 * The runtime's own command line: the executable holds all of it, and BUN_BE_BUN makes it answer in place of ours. When
 * Rowmill runs from its sources, the executable is that runtime already.
 */

/** What such a command came to. */
export interface BunAnswer {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command of the runtime in a folder. */
export async function runBun(args: readonly string[], folder: string): Promise<BunAnswer> {
  const child = Bun.spawn([process.execPath, ...args], {
    cwd: folder,
    env: { ...process.env, BUN_BE_BUN: "1", NO_COLOR: "1" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}
