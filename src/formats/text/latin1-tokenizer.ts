/** The tokenizer over bytes: what the parent reads of a table before it is known to be UTF-8. */
import type { Dialect } from "./dialect.ts";
import { Tokenizer } from "./tokenizer.ts";

/** The reader for bytes seen as latin1 text, in which every byte is one character. */
export function latin1Tokenizer(dialect: Dialect): Tokenizer {
  return new Tokenizer(
    {
      ...dialect,
      delimiter: latin1(dialect.delimiter),
      quote: latin1(dialect.quote),
      escape: latin1(dialect.escape),
      comments: dialect.comments.map(latin1),
    },
    "bytes",
  );
}

function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}
