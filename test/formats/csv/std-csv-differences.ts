/**
 * The answers of vectors/std-csv.json that Rowmill gives otherwise than `@std/csv` 1.0.6, each with the reason.
 *
 * The reasons are those that the docstring of parse() names. Every vector that is not here must match exactly.
 */

/** What a vector's input gives: rows or records, or an error. */
export interface Answer {
  output?: unknown;
  error?: { name: string; message: string };
}

const EXTRANEOUS = 'extraneous or missing " in quoted-field';

function syntaxError(message: string): Answer {
  return { error: { name: "SyntaxError", message } };
}

/** By vector name. */
export const DIFFERENCES: Readonly<Record<string, { reason: string; answer: Answer }>> = {
  "quoted CRLF": { reason: "CRLF inside quotes is kept", answer: { output: [["a\r\nb", "c"]] } },
  "random 10": { reason: "CRLF inside quotes is kept", answer: { output: [[""], [' \r\n,bc,"x"a']] } },
  "random 145": { reason: "CRLF inside quotes is kept", answer: { output: [['a,b"bc\r\n\n"x"bcé#"x"a,b"bc"a,b']] } },
  "random 169": { reason: "CRLF inside quotes is kept", answer: { output: [['x"#\n\n😀\r\nbc\tbc ébc\n ']] } },
  "random 178": { reason: "CRLF inside quotes is kept", answer: { output: [['é \r\n"x"#']] } },
  "random 229": { reason: "CRLF inside quotes is kept", answer: { output: [['"aa"\t\n\r\n\t\tbcé']] } },
  "random 256": { reason: "CRLF inside quotes is kept", answer: { output: [["", '\r\n"l\nm" ']] } },
  "random 271": { reason: "CRLF inside quotes is kept", answer: { output: [["a"], ["#😀"], ['\r\n\r\n,"x"', ""]] } },
  "random 280": { reason: "CRLF inside quotes is kept", answer: { output: [["a😀\t"], ['l\nm"a#\r\n,"a,b']] } },
  "random 343": { reason: "CRLF inside quotes is kept", answer: { output: [['l\nm"a\r\nbc\n,\nbc']] } },
  "random 349": { reason: "CRLF inside quotes is kept", answer: { output: [['\r\n"l\nm']] } },
  "random 376": { reason: "CRLF inside quotes is kept", answer: { output: [['"a,b" 😀,\r\n"x"bc"x""\t😀1']] } },
  "random 391": { reason: "CRLF inside quotes is kept", answer: { output: [['a,b"#,aa\r\n']] } },
  "random 418": { reason: "CRLF inside quotes is kept", answer: { output: [['a,b"x"\t\r\n\r\n\t1"a']] } },
  "random 421": { reason: "CRLF inside quotes is kept", answer: { output: [["a,b"], ['😀"a,b"#\r\n\tbcé"l\nm']] } },
  "random 442": {
    reason: "CRLF inside quotes is kept",
    answer: { output: [["\t", '\r\n"x'], ["", "l\nm"], ["", "#"], [""]] },
  },
  "random 445": { reason: "CRLF inside quotes is kept", answer: { output: [["l\nm", 'a,b"a\r\n""x"l\nm"a']] } },
  "random 478": { reason: "CRLF inside quotes is kept", answer: { output: [['\r\n"x']] } },
  "unclosed quote": {
    reason: "an unclosed quote is reported where it was opened",
    answer: syntaxError(`Syntax error on line 1; parse error on line 1, column 1: ${EXTRANEOUS}`),
  },
  "unclosed quote on the last row": {
    reason: "an unclosed quote is reported where it was opened",
    answer: syntaxError(`Syntax error on line 2; parse error on line 2, column 3: ${EXTRANEOUS}`),
  },
  "lone quote": {
    reason: "an unclosed quote is reported where it was opened",
    answer: syntaxError(`Syntax error on line 1; parse error on line 1, column 1: ${EXTRANEOUS}`),
  },
  "quote then newline then end": {
    reason: "an unclosed quote is reported where it was opened",
    answer: syntaxError(`Syntax error on line 1; parse error on line 1, column 1: ${EXTRANEOUS}`),
  },
  "random 45": {
    reason: "an unclosed quote is reported where it was opened",
    answer: syntaxError(`Syntax error on line 2; parse error on line 2, column 1: ${EXTRANEOUS}`),
  },
  "random 132": {
    reason: "an unclosed quote is reported where it was opened",
    answer: syntaxError(`Syntax error on line 1; parse error on line 1, column 1: ${EXTRANEOUS}`),
  },
  "random 201": {
    reason: "an unclosed quote is reported where it was opened",
    answer: syntaxError(`Syntax error on line 2; parse error on line 2, column 1: ${EXTRANEOUS}`),
  },
  "random 372": {
    reason: "an unclosed quote is reported where it was opened",
    answer: syntaxError(`Syntax error on line 3; parse error on line 3, column 1: ${EXTRANEOUS}`),
  },
  "random 398": {
    reason: "an unclosed quote is reported where it was opened",
    answer: syntaxError(`Syntax error on line 1; parse error on line 1, column 2: ${EXTRANEOUS}`),
  },
  "random 440": {
    reason: "an unclosed quote is reported where it was opened",
    answer: syntaxError(`Syntax error on line 1; parse error on line 1, column 1: ${EXTRANEOUS}`),
  },
  "random 500": {
    reason: "an unclosed quote is reported where it was opened",
    answer: syntaxError(`Syntax error on line 3; parse error on line 3, column 2: ${EXTRANEOUS}`),
  },
  "random 591": {
    reason: "an unclosed quote is reported where it was opened",
    answer: syntaxError(`Syntax error on line 2; parse error on line 2, column 1: ${EXTRANEOUS}`),
  },
  "quote error after quoted newline": {
    reason: "line numbers count physical lines",
    answer: syntaxError(`Syntax error on line 3; parse error on line 3, column 3: ${EXTRANEOUS}`),
  },
  "random 264": {
    reason: "line numbers count physical lines",
    answer: syntaxError(`Syntax error on line 3; parse error on line 3, column 2: ${EXTRANEOUS}`),
  },
  "random 363": {
    reason: "line numbers count physical lines",
    answer: syntaxError('Syntax error on line 4; parse error on line 4, column 2: bare " in non-quoted-field'),
  },
  "random 375": {
    reason: "line numbers count physical lines",
    answer: syntaxError(`Syntax error on line 5; parse error on line 5, column 2: ${EXTRANEOUS}`),
  },
  "random 479": {
    reason: "line numbers count physical lines",
    answer: syntaxError('Syntax error on line 4; parse error on line 4, column 8: bare " in non-quoted-field'),
  },
  "fieldsPerRecord 0 with comment first": {
    reason: "with fieldsPerRecord: 0 a comment first line does not set the count",
    answer: {
      output: [
        ["a", "b"],
        ["1", "2"],
      ],
    },
  },
  "duplicate header": {
    reason: "duplicate header names are an error",
    answer: syntaxError(
      'Syntax error on line 1: the header has the column "a" twice; name the columns with the option "columns"',
    ),
  },
};
