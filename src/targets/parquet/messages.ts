/** What a thread that encodes row groups hears and says: each message it hears is answered, in their order. */
import type { ErrorWire } from "../../errors.ts";
import type { ColumnProfile } from "./column-profile.ts";
import type { FooterSetup } from "./footer.ts";
import type { Encoded, Encoding, GroupRows, MisfitPlace } from "./group.ts";

export type ToEncoder =
  /** Look at the rows of a group, and keep them under a number. */
  | { type: "profile"; group: number; rows: GroupRows }
  | { type: "encode"; rows: GroupRows; encoding: Encoding }
  /** Encode a group that is kept. */
  | { type: "encode-kept"; group: number; encoding: Encoding }
  | { type: "footer"; setup: FooterSetup };

export type FromEncoder =
  | { type: "profiled"; columns: ColumnProfile[] }
  | { type: "encoded"; encoded: Encoded }
  | { type: "misfit"; place: MisfitPlace }
  | { type: "footer"; bytes: Uint8Array<ArrayBuffer> }
  | { type: "failed"; error: ErrorWire };
