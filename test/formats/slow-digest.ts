/** Digests of rows, one word of 64 bits at a time, as the paper on SipHash has it: shares no code with src/. */
const MASK = (1n << 64n) - 1n;

function rotated(word: bigint, bits: bigint): bigint {
  return ((word << bits) | (word >> (64n - bits))) & MASK;
}

/** SipHash-1-3 with 128 bits of words that are taken one after another. */
class SlowSip {
  #v: [bigint, bigint, bigint, bigint];

  constructor(key: Uint8Array) {
    const [k0, k1] = [wordAt(key, 0), wordAt(key, 8)];
    this.#v = [
      k0 ^ 0x736f6d6570736575n,
      k1 ^ 0x646f72616e646f6dn ^ 0xeen,
      k0 ^ 0x6c7967656e657261n,
      k1 ^ 0x7465646279746573n,
    ];
  }

  #round(): void {
    let [a, b, c, d] = this.#v;
    a = (a + b) & MASK;
    c = (c + d) & MASK;
    b = rotated(b, 13n) ^ a;
    d = rotated(d, 16n) ^ c;
    a = rotated(a, 32n);
    c = (c + b) & MASK;
    a = (a + d) & MASK;
    b = rotated(b, 17n) ^ c;
    d = rotated(d, 21n) ^ a;
    c = rotated(c, 32n);
    this.#v = [a, b, c, d];
  }

  take(word: bigint): void {
    this.#v[3] ^= word;
    this.#round();
    this.#v[0] ^= word;
  }

  end(): bigint[] {
    const words: bigint[] = [];
    for (const [at, mark] of [
      [2, 0xeen],
      [1, 0xddn],
    ] as const) {
      this.#v[at] ^= mark;
      for (let round = 0; round < 3; round++) this.#round();
      words.push(this.#v.reduce((all, word) => all ^ word));
    }
    return words;
  }
}

function wordAt(bytes: Uint8Array, at: number): bigint {
  let word = 0n;
  for (let byte = 7; byte >= 0; byte--) word = (word << 8n) | BigInt(bytes[at + byte] ?? 0);
  return word;
}

function digestOf(fields: readonly { name: readonly bigint[]; text: string }[], key: Uint8Array): bigint[] {
  const sip = new SlowSip(key);
  for (const { name, text } of fields) {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length === 0) continue;
    for (let at = 0; at < bytes.length; at += 8) sip.take(wordAt(bytes, at));
    for (const word of name) sip.take(word);
    sip.take(BigInt(bytes.length));
  }
  return sip.end();
}

/** The digest of a row, as four words of 32 bits. */
export function slowDigest(fields: readonly (readonly [name: string, text: string])[], key: Uint8Array): number[] {
  const named = fields.map(([name, text]) => ({ name: digestOf([{ name: [0n, 0n], text: name }], key), text }));
  return digestOf(named, key).flatMap((word) => [Number(word & 0xffffffffn), Number(word >> 32n)]);
}
