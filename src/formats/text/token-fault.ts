/** What is wrong with a row that the tokenizer finds to be bad, in words. */
import type { RowFault } from "../format.ts";
import type { QuoteFault } from "./tokenizer.ts";

/** The fault of a row that the tokenizer finds to be bad, in words. */
export function describeFault(fault: QuoteFault): RowFault {
  if (fault.code === "row-unclosed-quote") {
    return {
      code: fault.code,
      message: `the quote opened in column ${fault.column} is never closed`,
      hint: "close it, or double it if it belongs to the text",
    };
  }
  const where = `in column ${fault.column} of the line`;
  return fault.kind === "bare-quote"
    ? {
        code: fault.code,
        message: `a quote ${where} stands in the middle of a field that is not quoted`,
        hint: "quote the whole field and double the quote",
      }
    : {
        code: fault.code,
        message: `a quote ${where} ends a field, but no delimiter or line end follows`,
        hint: "double the quote if it belongs to the text",
      };
}
