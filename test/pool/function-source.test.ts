import { describe, expect, test } from "bun:test";
import path from "node:path";

import { toFunctionWire } from "../../src/pool/function-source.ts";

declare const ownGlobal: number;
declare const require: (name: string) => unknown;

const born = 1815;

function join(a: string): string {
  return path.join(a, "b");
}

function twice(x: number): number {
  return 2 * x;
}

class Ages {
  readonly year = 2017;
  of = (scientist: { born: number }): number => this.year - scientist.born;
  method(scientist: { born: number }): number {
    return scientist.born;
  }
  static async make(): Promise<Ages> {
    return new Ages();
  }
  get getter(): number {
    return this.year;
  }
}

const propertyOf = Object.getOwnPropertyDescriptor.bind(Object);

function refusal(fn: unknown): Promise<string> {
  return toFunctionWire(fn).then(JSON.stringify, String);
}

describe("toFunctionWire() takes", () => {
  test.each<[string, unknown]>([
    ["an arrow function", (x: number): number => x + 1],
    ["an asynchronous one", async (x: number): Promise<number> => x],
    [
      "a function expression",
      function (x: number): number {
        return x;
      },
    ],
    ["a named function", twice],
    [
      "JavaScript's globals",
      (x: string): unknown => [Math.max(1), new URL(x), Bun.hash(x), process.pid, undefined, NaN],
    ],
    ["imports of packages", async (x: string): Promise<string> => (await import("node:path")).join(x, "a")],
  ])("%s", async (_, fn) => {
    expect(await toFunctionWire(fn)).toEqual({ kind: "source", source: String(fn) });
  });

  test("the URL of a module", async () => {
    const url = new URL("./modules/age.ts", import.meta.url);
    expect(await toFunctionWire(url)).toEqual({ kind: "module", url: url.href });
  });
});

describe("toFunctionWire() refuses", () => {
  test("a closure, and names the variable and the two ways out", async () => {
    expect(await refusal((year: number) => year - born)).toBe(
      "TypeError: Cannot send the function to workers: it uses born, which is defined outside of it; " +
        "pass the value in args (new Pool({ args: { born } }), then ctx.args.born), or export it as the default of a " +
        'module and pass new URL("./module.ts", import.meta.url) instead',
    );
    expect(await refusal(join)).toStartWith("TypeError: Cannot send the function join to workers: it uses path,");
  });

  test("a closure of a function that gets arguments only, which may get the value as one of them", async () => {
    const message = await toFunctionWire((year: number) => year - born, "spread").catch(String);
    expect(message).toContain("it uses born, which is defined outside of it; pass the value as an argument, or export");
  });

  test("a name that the program itself made global", async () => {
    Object.assign(globalThis, { ownGlobal: 1 });
    expect(await refusal(() => ownGlobal)).toContain("it uses ownGlobal");
  });

  test.each<[string, unknown, string]>([
    ["the this around it", new Ages().of, "it uses the this around it"],
    ["a method", propertyOf(Ages.prototype, "method")?.value, "it is a method, getter or setter"],
    ["a static asynchronous method", propertyOf(Ages, "make")?.value, "it is a method, getter or setter"],
    ["a getter", Reflect.get(propertyOf(Ages.prototype, "getter") ?? {}, "get"), "it is a method, getter or setter"],
    ["a class", Ages, "it is a class"],
    ["native code", Math.sqrt, "it is native or bound; wrap it in an arrow function"],
    ["a bound function", join.bind(null, "a"), "it is native or bound"],
    [
      "a generator",
      function* (): Generator<number> {
        yield 1;
      },
      "it is a generator",
    ],
    ["import.meta", (): string => import.meta.url, "it uses import.meta"],
    ["a relative import", (): Promise<unknown> => import("./modules/age.ts"), 'it imports "./modules/age.ts"'],
    ["require", (name: string): unknown => require(name), "it uses require"],
    ["anything else", 3, "want a function or the URL of a module, got 3"],
  ])("%s", async (_, fn, message) => {
    expect(await refusal(fn)).toContain(message);
  });
});
