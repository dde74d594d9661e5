/**
 * A server of ssh for tests, on this machine only, with keys of its own in a temporary folder: every name leads to it. It
 * is the one that is installed: where there is none, tests that need it are skipped, and say so.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./free-ports.ts";

const PATH = `${process.env["PATH"]}:/usr/local/sbin:/usr/sbin:/sbin`;
/** sshd wants it to be there, and to be root's. */
const RUN_FOLDER = "/run/sshd";
const KEYGEN = "ssh-keygen";
const START_MS = 20_000;

export class SshServer {
  readonly #process: ReturnType<typeof spawn>;
  readonly #folder: string;

  private constructor(server: ReturnType<typeof spawn>, folder: string) {
    this.#process = server;
    this.#folder = folder;
  }

  /** Undefined where it is not installed, or cannot be started here. */
  static async start(): Promise<SshServer | undefined> {
    const program = Bun.which("sshd", { PATH });
    const missing = ["sshd", "ssh", KEYGEN].filter((name) => Bun.which(name, { PATH }) === null);
    if (program === null || missing.length > 0 || process.getuid?.() !== 0) {
      console.warn(
        `tests with ssh are skipped: ${missing.length > 0 ? `${missing.join(", ")} not installed` : "only root may start it"}`,
      );
      return undefined;
    }
    mkdirSync(RUN_FOLDER, { recursive: true, mode: 0o755 });
    const folder = mkdtempSync(join(tmpdir(), "rowmill-ssh-"));
    for (const name of ["host", "user"]) {
      const made = Bun.spawnSync([KEYGEN, "-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
      if (made.exitCode !== 0) throw new Error(`ssh-keygen failed: ${String(made.stderr)}`);
    }
    const port = await freePorts(1);
    writeFileSync(
      join(folder, "sshd_config"),
      `Port ${port}
ListenAddress 127.0.0.1
HostKey ${folder}/host
PidFile none
AuthorizedKeysFile ${folder}/user.pub
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
`,
    );
    writeFileSync(
      join(folder, "ssh_config"),
      `Host *
HostName 127.0.0.1
Port ${port}
User root
IdentityFile ${folder}/user
IdentitiesOnly yes
StrictHostKeyChecking no
UserKnownHostsFile ${folder}/known
LogLevel ERROR
`,
    );
    const server = spawn(program, ["-D", "-e", "-f", join(folder, "sshd_config")], { stdio: "ignore" });
    const started = new SshServer(server, folder);
    await started.#ready();
    return started;
  }

  async #ready(): Promise<void> {
    const begun = performance.now();
    while (spawnSync("ssh", [...this.words, "there", "true"]).status !== 0) {
      if (performance.now() - begun > START_MS || this.#process.exitCode !== null)
        throw new Error("the server of ssh does not answer");
      await Bun.sleep(50);
    }
  }

  /** What a command of ssh needs to be led here. */
  get words(): string[] {
    return ["-F", join(this.#folder, "ssh_config")];
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
