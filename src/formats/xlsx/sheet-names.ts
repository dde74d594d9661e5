/** Names of sheets, as far as Excel takes them. */
import type { TableNames } from "../format.ts";

const MAX_CHARACTERS = 31;
const FORBIDDEN = /[\\/?*[\]:\p{Cc}\ufffe\uffff]/gu;
const RESERVED = /^history$/i;

export const sheetNames: TableNames = {
  fault: (name) => {
    if (name === "") return "it is empty";
    if (name.length > MAX_CHARACTERS) return `it has ${name.length} characters, and at most ${MAX_CHARACTERS} can be`;
    const [wrong] = name.match(FORBIDDEN) ?? [];
    if (wrong !== undefined) return `it has the character ${JSON.stringify(wrong)}`;
    if (/^'|'$/.test(name)) return "it begins or ends with an apostrophe";
    if (RESERVED.test(name)) return "Excel keeps this name for itself";
    return name.isWellFormed() ? undefined : "it has half of a surrogate pair";
  },
  like: (wanted, suffix) => {
    const plain = wanted
      .toWellFormed()
      .replaceAll(FORBIDDEN, "_")
      .replaceAll(/^'+|'+$/g, "_");
    const named = plain === "" || RESERVED.test(plain) ? `${plain}_` : plain;
    let cut = named.slice(0, MAX_CHARACTERS - suffix.length);
    // A pair is not cut in its middle, and an apostrophe is no last character either.
    if (!cut.isWellFormed()) cut = cut.slice(0, -1);
    return `${cut.replace(/'+$/, "_")}${suffix}`;
  },
};
