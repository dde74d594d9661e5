/** A window that code says: `window({ partition, size }, (rows, row) => …)`. What calls its functions has the rows as they know them. */
import type { MakeStage } from "../../stage.ts";
import { CODE_WINDOW } from "../asked.ts";

export const codeWindow: MakeStage = (asked, facts) => ({
  name: CODE_WINDOW,
  what: asked.join(" "),
  kind: "rewriting",
  columns: () => undefined,
  keepsRows: false,
  checked: [],
  check: () => {},
  rewriter: () => {
    if (facts.codeWindow === undefined) throw new Error("a window has no function");
    return facts.codeWindow();
  },
});
