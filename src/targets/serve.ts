/** The role of a thread that makes files: it takes rows in the order in which they come, for any number of files. */
import { toWire } from "../errors.ts";
import type { FromTargets, ToTargets } from "./messages.ts";
import { targetOf } from "./registry.ts";
import type { TargetFile } from "./target.ts";

type Post = (message: FromTargets, transfer: ArrayBuffer[]) => void;

interface OpenFile {
  target: TargetFile;
  pieces: Iterator<Uint8Array<ArrayBuffer>> | undefined;
}

export function serveTargets(post: Post): (message: { type: string }) => void {
  const files = new Map<number, OpenFile>();
  // Files are begun when their code is there, and all that is said meanwhile waits its turn.
  let turn: Promise<void> = Promise.resolve();
  const hear = async (message: ToTargets): Promise<void> => {
    const { file } = message;
    try {
      if (message.type === "begin") {
        const open = await targetOf(message.setup.kind);
        files.set(file, { target: open(message.setup), pieces: undefined });
        return;
      }
      const opened = files.get(file);
      // It has failed, which was said.
      if (opened === undefined) return;
      if (message.type === "write") {
        opened.target.write(message.table, message.rows);
        post({ type: "taken", file }, []);
        return;
      }
      opened.pieces ??= opened.target.end()[Symbol.iterator]();
      const next = opened.pieces.next();
      if (next.done === true) {
        opened.target.close();
        files.delete(file);
        post({ type: "whole", file }, []);
      } else post({ type: "piece", file, bytes: next.value }, [next.value.buffer]);
    } catch (error) {
      files.get(file)?.target.close();
      files.delete(file);
      post({ type: "failed", file, error: toWire(error) }, []);
    }
  };
  return (message) => {
    turn = turn.then(() => hear(message as ToTargets));
  };
}
