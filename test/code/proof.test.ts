/** What is said of a function by its text, and that it is true of its calls. */
import { describe, expect, test } from "bun:test";
import { type Proof, proveFunction } from "../../src/code/proof.ts";
import { proofOfExpression } from "../../src/code/expression.ts";

const COLUMNS = ["name", "born", "city", "length"];
const ROWS: Record<string, string>[] = [
  { name: "Ada", born: "1815", city: "London", length: "3" },
  { name: "", born: "", city: "x,y", length: "-0.5" },
  { name: "1900", born: "abc", city: "1", length: "007" },
];

type Any = (...args: never[]) => unknown;

function make(source: string): Any {
  // oxlint-disable-next-line no-implied-eval -- the text of each case is part of this file
  return new Function(`"use strict"; return (${source})`)() as Any;
}

/** `looks at | as numbers -> result`, in short. */
function shown(proof: Proof | undefined): string {
  if (proof === undefined) return "nothing";
  const { looksAt, asNumbers, result } = proof;
  const names = [...looksAt].toSorted().map((name) => (asNumbers.has(name) ? `#${name}` : name));
  if (result === undefined) return names.join(" ");
  const fields = result.kind === "row" ? ["row"] : [...result.fields].map(shownField);
  return `${names.join(" ")} -> ${fields.join(" ")}`.trim();
}

function shownField([name, source]: [string, { kind: "carried"; column: string } | { kind: "computed" }]): string {
  if (source.kind === "computed") return `${name}!`;
  return source.column === name ? name : `${name}=${source.column}`;
}

const CASES: [source: string, proven: string][] = [
  // Carried, looked at, computed.
  ["({ name, born }) => ({ name, age: 2017 - born })", "#born -> name age!"],
  ["(r) => ({ name: r.name, age: 2017 - r.born })", "#born -> name age!"],
  ["(r) => ({ name: r['name'], n: r.name.length })", "name -> name n!"],
  ["({ name: who }) => ({ who, name: who })", "-> who=name name"],
  ["({ name }) => ({ name: name + '' })", "name -> name!"],
  ["({ name = 'x' }) => ({ name })", "name -> name!"],
  ["({ name: { length } }) => ({ length })", "name -> length!"],
  ["({ name }, { index }) => ({ name, index })", "-> name index!"],
  ["(r) => ({ ...r, age: 2017 - r.born })", "#born -> name born city length age!"],
  ["(r) => ({ ...r, born: Number(r.born) })", "born -> name born! city length"],
  ["(r) => ({ born: 1, ...r })", "-> born name city length"],
  ["(r) => r.born > 1900 ? r : null", "#born -> row"],
  ["function (r) { if (r.name === '') return; return r; }", "name -> row"],
  [
    "(r) => { if (r.born < 0) return undefined; const a = r.born * 2; return { name: r.name, a }; }",
    "#born -> name a!",
  ],
  ["(r) => (r.name ? { a: r.name, b: r.born } : { a: r.name, b: r.city })", "born city name -> a=name b!"],
  ["(r) => (r.name ? { a: r.name, b: 1 } : { b: 2, a: r.city })", "city name -> a! b!"],
  ["(r) => (r.name ? { ...r } : { ...r, born: 1 })", "born name -> name born! city length"],
  ["(r) => ({ name: r.name, sum: [1, 2].map((x) => x + r.city).join() })", "city -> name sum!"],
  ["({ name }) => { const o = { name: 1 }; o.name = 2; return { name, o: o.name }; }", "-> name o!"],
  ["(r) => { const counts = {}; counts[r.city] = 1; return { name: r.name, counts }; }", "city -> name counts!"],
  ["({ name }) => { const f = (name) => name; return { name, f: f(1) }; }", "-> name f!"],
  ["({ name }) => { { let name = 1; name++; } return { name }; }", "name -> name!"],
  ["(r) => null", ""],
  ["() => ({ a: 1 })", "-> a!"],
  ["({ name }) => ({ name, __proto: 1 })", "-> name __proto!"],
  // Numbers: as a number in every place, or not at all.
  [
    "({ born }) => ({ a: +born, b: -born, c: born % 7, d: born & 1, e: born < 5, f: 5 >= born })",
    "#born -> a! b! c! d! e! f!",
  ],
  ["({ born }) => ({ a: born - 1, born })", "#born -> a! born"],
  ["({ born }) => ({ a: born - 1, b: born + 1 })", "born -> a! b!"],
  ["({ born }) => ({ a: born > '1900' })", "born -> a!"],
  ["({ born, name }) => ({ a: born < name })", "born name -> a!"],
  ["({ born }) => ({ a: born == 1815 })", "born -> a!"],
  ["({ born }) => ({ a: born ? 1 : 2 })", "born -> a!"],
  ["({ born }) => ({ a: typeof born, b: born * 1 })", "born -> a! b!"],
  ["({ name }) => ({ a: name.length - 1 })", "name -> a!"],
  ["(r) => ({ a: r.name.length - 1, b: -r.length })", "#length name -> a! b!"],
  ["({ born }) => ({ a: Number(born) })", "born -> a!"],
  // No result that is known, or none of its own.
  ["({ name }) => name", "name"],
  ["({ name }) => name && { name }", "name"],
  ["({ name }) => [{ name }]", "name"],
  ["async ({ name }) => ({ name })", "name"],
  ["function* ({ name }) { yield { name }; }", "name"],
  ["({ name, born }) => { if (name) return { name }; return { born }; }", "born name"],
  ["({ name }) => ({ ['na' + 'me']: name })", "name"],
  ["({ name }) => ({ __proto__: null, name })", "name"],
  ["({ name }) => ({ get a() { return name; } })", "name"],
  ["({ name, born }) => ({ name, ...born })", "born name"],
  ["({ name }) => { name = name.trim(); return { name }; }", "name -> name!"],
  ["({ name }) => { for (name of 'ab'); return { name }; }", "name -> name!"],
  ["({ name }) => { [name] = ['b']; return { name }; }", "name -> name!"],
  ["({ born }) => { born++; return { born }; }", "born -> born!"],
  // The row escapes.
  ["(r) => f(r)", "nothing"],
  ["(r) => ({ r })", "nothing"],
  ["(r) => [r]", "nothing"],
  ["(r) => { r.name = 'x'; return r; }", "nothing"],
  ["(r) => { delete r.name; return r; }", "nothing"],
  ["(r) => { r.born++; return r; }", "nothing"],
  ["(r) => { [r.name] = ['x']; return r; }", "nothing"],
  ["(r) => { ({ a: r.name } = { a: 1 }); return r; }", "nothing"],
  ["(r) => { for (r.name of ['x']); return r; }", "nothing"],
  ["(r) => { r = { name: 'x' }; return r; }", "nothing"],
  ["(r) => { const s = r; return { name: s.name }; }", "nothing"],
  ["(r) => ({ a: r.name() })", "nothing"],
  ["(r) => ({ a: r.name`x` })", "nothing"],
  ["(r) => ({ a: new r.name() })", "nothing"],
  ["(r) => ({ a: r?.name?.() })", "nothing"],
  ["(r) => ({ a: r[`name`] })", "nothing"],
  ["(r, ctx) => ({ a: r[ctx.index] })", "nothing"],
  ["(r) => ({ a: r.toString })", "nothing"],
  ["(r) => ({ a: r.nowhere })", "nothing"],
  ["(r) => ({ a: 'name' in r })", "nothing"],
  ["(r) => ({ ...r }.name ? r : { ...r })", "nothing"],
  ["(r) => (r.name ? r : { ...r })", "nothing"],
  ["({ ...r }) => r", "nothing"],
  ["({ [x]: r }) => ({ r })", "nothing"],
  ["([r]) => ({ r })", "nothing"],
  ["(...all) => ({ a: all[0].name })", "nothing"],
  ["function ({ name }) { return { name, a: arguments.length }; }", "nothing"],
  ["({ name }) => ({ name, a: eval('1') })", "nothing"],
  ["({ name }) => { var name = 'b'; return { name }; }", "nothing"],
  ["({ name }) => { var name; return { name }; }", "nothing"],
  ["({ name }) => { { var name; } return { name }; }", "nothing"],
  ["Math.max", "nothing"],
  ["class { constructor(r) { return r; } }", "nothing"],
];

describe("proveFunction()", () => {
  test.each(CASES)("%s", (source, proven) => {
    expect(shown(proveFunction(make(source), COLUMNS))).toBe(proven);
  });

  test("takes what looks like code in texts and comments for what it is", () => {
    const call = make(
      "({ name }) => { /* row.born; return row */ return { name, a: 'row.born', b: /row.city/.source }; }",
    );
    expect(shown(proveFunction(call, COLUMNS))).toBe("-> name a! b!");
  });

  test("does not carry a column that the file has not", () => {
    expect(shown(proveFunction(make("({ constructor: c }) => ({ c })"), COLUMNS))).toBe("constructor -> c!");
  });

  test("says nothing of a function whose text is not its own", () => {
    const call = Object.assign((row: unknown) => row, { toString: () => "({ name }) => ({ name })" });
    expect(shown(proveFunction(call as Any, COLUMNS))).toBe("-> row");
    expect(proveFunction(make("((row) => row).bind(null)"), COLUMNS)).toBeUndefined();
    expect(proveFunction(new Proxy(make("({ name }) => ({ name })"), {}), COLUMNS)).toBeUndefined();
  });
});

describe("a call with what is looked at, and carried fields put in, gives what a call with the whole row gives:", () => {
  const proven = CASES.filter(([, text]) => text.includes("->"));
  test.each(proven)("%s", (source) => {
    const call = make(source) as (row: object, ctx: object) => unknown;
    const proof = proveFunction(call, COLUMNS);
    for (const [index, row] of ROWS.entries()) {
      expect(shortWay(proof, call, row, { index })).toEqual(call(row, { index }));
    }
  });
});

function shortWay(
  proof: Proof | undefined,
  call: (row: object, ctx: object) => unknown,
  row: Record<string, string>,
  ctx: object,
): unknown {
  const given = Object.fromEntries(
    [...(proof?.looksAt ?? [])]
      .filter((name) => Object.hasOwn(row, name))
      .map((name) => [name, proof?.asNumbers.has(name) === true ? Number(row[name]) : row[name]]),
  );
  const result = call(given, ctx) as Record<string, unknown> | null | undefined;
  if (result === null || result === undefined) return result;
  if (proof?.result?.kind === "row") return row;
  const fields = [...(proof?.result?.fields ?? [])].map(([name, source]) => [
    name,
    source.kind === "carried" ? row[source.column] : result[name],
  ]);
  return Object.fromEntries(fields);
}

describe("proofOfExpression()", () => {
  test.each<[expression: string, proven: string]>([
    ["{ name, age: 2017 - born }", "#born -> name age!"],
    ["{ ...row, x: 1 }", "-> name born city length x!"],
    ["{ ...r, name: r.city }", "-> name=city born city length"],
    ["row", "-> row"],
    ["born > 1900 ? row : null", "#born -> row"],
    ["r => ({ name: r.name, b: born })", "-> name b=born"],
    ["(name) => ({ name: name.city })", "-> name=city"],
    ["(x, born) => ({ a: born, b: x.name })", "-> a! b=name"],
    ["name", "name"],
    ["born > 1900 && name.startsWith('A')", "#born name"],
    ["(x) => { { var born = x.name; } return { born }; }", "name -> born!"],
    ["((name) => name)(born)", "born"],
    ["f(row)", "nothing"],
    ["eval('row')", "nothing"],
  ])("of %s", (expression, proven) => {
    expect(shown(proofOfExpression(expression, COLUMNS))).toBe(proven);
  });

  test("takes r for a column where it is one, and row for the row whatever columns there are", () => {
    expect(shown(proofOfExpression("{ a: r.length, b: row.row }", ["r", "row"]))).toBe("r -> a! b=row");
    expect(shown(proofOfExpression("row", ["r", "row"]))).toBe("-> row");
    expect(shown(proofOfExpression("{ row }", ["r", "row"]))).toBe("nothing");
  });
});

describe("when a call ends, nothing has hold of the row", () => {
  const FORGETTING: [source: string, forgets: boolean][] = [
    ["(r) => (r.born >= 1980 ? r : null)", true],
    ["({ name, born }) => ({ name, age: 2017 - born })", true],
    ["(r) => ({ name: r.name, initials: r.name.split(' ').map((word) => word[0]) })", true],
    ["(r) => ({ name: r.name, later: setTimeout(() => r.born) })", false],
    ["({ name, born }) => { queue.push(() => born); return { name }; }", false],
    ["(r, ctx, late = () => r.born) => ({ name: r.name, n: late() })", false],
    ["(r) => { class Late { get n() { return r.born; } } return { name: r.name, n: new Late().n }; }", false],
    ["async (r) => { await 0; return { name: r.name }; }", false],
    ["function* (r) { yield r.name; }", false],
  ];
  test.each(FORGETTING)("%s", (source, forgets) => {
    expect(proveFunction(make(source), COLUMNS)?.forgetsRow === true).toBe(forgets);
  });
  test("expressions", () => {
    expect(proofOfExpression("born >= 1980", COLUMNS)?.forgetsRow).toBe(true);
    expect(proofOfExpression("[1, 2].some((n) => n < born)", COLUMNS)?.forgetsRow).toBe(undefined);
  });
});
