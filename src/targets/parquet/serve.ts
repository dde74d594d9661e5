/** The role of a thread that encodes row groups. */
import { RowmillError, messageOf, toWire } from "../../errors.ts";
import { footerBytes } from "./footer.ts";
import type { FromEncoder, ToEncoder } from "./messages.ts";
import type { GroupRows } from "./group.ts";
import { Misfit, RowGroupEncoder } from "./row-group.ts";

export function serveRowGroups(
  post: (message: FromEncoder, transfer: ArrayBuffer[]) => void,
): (message: { type: string }) => void {
  const encoder = new RowGroupEncoder();
  const kept = new Map<number, GroupRows>();
  const answer = (asked: ToEncoder): FromEncoder => {
    switch (asked.type) {
      case "footer":
        return { type: "footer", bytes: footerBytes(asked.setup) };
      case "profile":
        kept.set(asked.group, asked.rows);
        return { type: "profiled", columns: encoder.profile(asked.rows) };
      case "encode":
        return { type: "encoded", encoded: encoder.encode(asked.rows, asked.encoding) };
      case "encode-kept": {
        const rows = kept.get(asked.group);
        kept.delete(asked.group);
        if (rows === undefined) throw new Error("rows of a row group are missing");
        return { type: "encoded", encoded: encoder.encode(rows, asked.encoding) };
      }
    }
  };
  return (message) => {
    const said = ((): FromEncoder => {
      try {
        return answer(message as ToEncoder);
      } catch (error) {
        if (error instanceof Misfit) return { type: "misfit", place: error.place };
        const isTold = error instanceof RowmillError;
        return { type: "failed", error: toWire(isTold ? error : failure(error)) };
      }
    })();
    if (said.type === "encoded") post(said, [said.encoded.bytes.buffer]);
    else post(said, said.type === "footer" ? [said.bytes.buffer] : []);
  };
}

function failure(cause: unknown): RowmillError {
  return new RowmillError("output", `cannot encode the output: ${messageOf(cause)}`, { cause });
}
