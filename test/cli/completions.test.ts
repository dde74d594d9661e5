import { describe, expect, test } from "bun:test";
import { typedLine } from "../../src/cli/commands/completions/typed-line.ts";
import { type Folder, installBinary } from "./binary.ts";

const binary = installBinary();

/**
 * How a shell is asked for what it would offer at the end of a line: one a line. zsh tells that on a terminal only
 * (typed-completions.test.ts).
 */
const SHELLS: Record<string, (left: string, right: string) => string> = {
  bash: (left, right) => `source <(rowmill completions bash)
    COMP_WORDS=(rowmill); COMP_LINE=${quoted(left + right)}; COMP_POINT=${left.length}
    complete -p rowmill > /dev/null && _rowmill && printf '%s\\n' "\${COMPREPLY[@]}"`,
  fish: (left) => `rowmill completions fish | source; complete -C ${quoted(left)}`,
};

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

async function offered(folder: Folder, shell: string, left: string, right = ""): Promise<string[]> {
  const script = SHELLS[shell]?.(left, right) ?? "";
  // fish knows no '\'' but \' inside quotes.
  const text = shell === "fish" ? script.replaceAll(`'\\''`, `\\'`) : script;
  folder.write({ "ask.sh": text });
  const { stdout } = await folder.bash(`${shell} ask.sh 2>&1`);
  return stdout.split("\n").filter((line) => line !== "");
}

for (const shell of Object.keys(SHELLS)) {
  const isThere = Bun.which(shell) !== null;
  if (!isThere) console.log(`skipped: completions in ${shell}, which is not installed`);

  describe.skipIf(!isThere)(shell, () => {
    test("commands, options, their values", async () => {
      const folder = binary.scientists();
      expect((await offered(folder, shell, "rowmill comp")).toSorted()).toEqual(["compile", "completions"]);
      expect((await offered(folder, shell, "rowmill run --on-e")).toSorted()).toEqual(["--on-error"]);
      expect(await offered(folder, shell, "rowmill --on-error ")).toEqual(
        expect.arrayContaining(["fail", "reject", "skip"]),
      );
      expect(await offered(folder, shell, "rowmill info --j")).toEqual(["--json"]);
      expect((await offered(folder, shell, "rowmill completions ")).toSorted()).toEqual([
        "bash",
        "fish",
        "powershell",
        "zsh",
      ]);
    });

    test("values behind =", async () => {
      const given = await offered(binary.scientists(), shell, "rowmill --to=js");
      const head = shell === "bash" ? "" : "--to=";
      expect(given.toSorted()).toEqual([`${head}json`, `${head}jsonl`]);
    });

    test("columns of the input", async () => {
      const folder = binary.scientists();
      expect(await offered(folder, shell, "rowmill scientists.csv --columns na")).toEqual(["name"]);
      expect(await offered(folder, shell, "rowmill scientists.csv --types name=string,bo")).toEqual(
        ["name=string,born="].map((word) => (shell === "bash" ? word.slice(5) : word)),
      );
      expect(await offered(folder, shell, "rowmill scientists.csv -e '{ name, ag: 1 + bo")).toEqual([
        "{ name, ag: 1 + born",
      ]);
    });

    test.skipIf(shell === "fish")("columns of an input behind the cursor", async () => {
      const folder = binary.scientists();
      expect(await offered(folder, shell, "rowmill -e '{ na", " }' scientists.csv")).toEqual(["{ name"]);
    });
  });
}

async function ask(folder: Folder, left: string, right = ""): Promise<string> {
  return (await folder.run(["completions", "candidates", "--", "zsh", left, right])).expect({ stdout: /^/ }).stdout;
}

describe("candidates", () => {
  test("columns are read as the line says", async () => {
    const folder = binary.folder({ "in.txt": "# x\na one|b,c|d\n", "in.tsv.gz": Bun.gzipSync(Buffer.from("p\tq\n")) });
    expect(await ask(folder, "rowmill --skip-lines 1 -d '|' in.txt --columns ")).toBe("open\na one\nd\n");
    expect(await ask(folder, "rowmill --skip-lines 1 -d '|' in.txt -e ")).toBe("open\nd\n");
    expect(await ask(folder, "rowmill in.tsv.gz --types p=int,")).toBe("open\np=int,p=\np=int,q=\n");
    expect(await ask(folder, "rowmill --columns p,", " in.tsv.gz")).toBe("open\np,q\n");
  });

  test("topics behind help, codes behind explain", async () => {
    const folder = binary.folder();
    expect(await ask(folder, "rowmill help for")).toBe("\nformats\n");
    expect(await ask(folder, "rowmill help di")).toBe("\ndiff\n");
    expect(await ask(folder, "rowmill explain row-ty")).toBe("\nrow-type\n");
  });

  test("a name that PowerShell would cut is quoted, unless a quote is open", async () => {
    const folder = binary.folder({ "in.csv": "it's one,b\n" });
    const words = async (left: string): Promise<string> =>
      (await folder.run(["completions", "candidates", "--", "powershell", left])).stdout;
    expect(await words("rowmill in.csv --columns it")).toBe("open\n'it''s one'\n");
    expect(await words('rowmill in.csv --columns "it')).toBe("open\nit's one\n");
  });

  test("what cannot be known offers nothing, and says nothing", async () => {
    const folder = binary.folder({ "in.csv": 'a,a\n"' });
    for (const line of ["rowmill gone.csv -e ", "rowmill in.csv -e ", "rowmill -e ", "rowmill --bad in.csv -e "]) {
      expect(await ask(folder, line)).toBe("open\n");
    }
    expect(await ask(folder, "rowmill -j ")).toBe("\n");
  });

  test("files, where files are wanted", async () => {
    const folder = binary.folder();
    for (const line of ["rowmill -o ", "rowmill --rejects=", "rowmill -- -", "rowmill run x"]) {
      expect(await ask(folder, line)).toBe("files\n");
    }
  });
});

describe("typedLine", () => {
  test.each([
    ["rowmill a 'b c' d", "", ["a", "b c"], "d", "", []],
    ["rowmill a ", "", ["a"], "", "", []],
    ["rowmill 'a b", "", [], "a b", "'", []],
    ["rowmill -e 'a", "b' c d", ["-e"], "a", "'", ["c", "d"]],
    ["rowmill a", " b | cat c", [], "a", "", ["b"]],
    ["ls; X=1 rowmill a\\ b c", "", ["a b"], "c", "", []],
    ['cat x | rowmill "a\'b" ', " e", ["a'b"], "", "", ["e"]],
  ] as const)("%p before the cursor, %p behind", (left, right, before, current, quote, after) => {
    expect(typedLine(left, right)).toEqual({ before: [...before], current, quote, after: [...after] });
  });
});

test("a shell that is not known", async () => {
  const folder = binary.folder();
  (await folder.run(["completions", "fisch"])).expect({
    code: 2,
    stderr: ['"fisch" is no shell', "did you mean fish?"],
  });
  (await folder.run(["completions"])).expect({ code: 2, stderr: ["there is no shell", "bash|zsh|fish|powershell"] });
});
