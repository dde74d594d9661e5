/** How a field is written: as it stands, or in quotes when it would not be read back otherwise. */

/**
 * The text of a field as it is written: quoted only when it holds the delimiter, the quote, CR or LF.
 *
 * A quote inside is doubled (RFC 4180, section 2). An empty field is not quoted here; whether it stands alone in its row
 * only the row knows.
 *
 * @param quote The empty string means that nothing is ever quoted.
 */
export function quoteField(text: string, delimiter: string, quote: string): string {
  if (quote === "") return text;
  const holdsQuote = text.includes(quote);
  if (!holdsQuote && !holdsDelimiter(text, delimiter) && !text.includes("\n") && !text.includes("\r")) return text;
  return quote + (holdsQuote ? text.replaceAll(quote, () => quote + quote) : text) + quote;
}

// A longer delimiter may also begin inside the field and end in the one behind it: ":" before "::".
function holdsDelimiter(text: string, delimiter: string): boolean {
  if (delimiter.length < 2) return text.includes(delimiter);
  return (text + delimiter).indexOf(delimiter) < text.length;
}
