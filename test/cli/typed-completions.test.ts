/** Completion as people meet it: shells on a terminal, a line that is typed, and the tab key. */
import { afterAll, describe, expect, test } from "bun:test";
import { installBinary } from "./binary.ts";
import { Screen } from "./screen.ts";

const binary = installBinary();
const PROMPT = "ready> ";
const COLUMNS = 90;

/** How each shell is started, bare, and what it is told before anything is typed. */
const SHELLS: Record<string, { start: string; setUp: string }> = {
  bash: {
    start: "PS1='' exec setsid -cw bash --norc --noprofile -i",
    setUp: `source <(rowmill completions bash); PS1='${PROMPT}'`,
  },
  zsh: {
    start: "PS1='' exec setsid -cw zsh -f -i",
    setUp: `setopt complete_in_word; autoload -U compinit; compinit -D -u; source <(rowmill completions zsh); unsetopt PROMPT_SP; PS1='${PROMPT}'`,
  },
  fish: {
    start: "exec setsid -cw fish --no-config -i",
    setUp: `rowmill completions fish | source; function fish_prompt; echo -n '${PROMPT}'; end; function fish_right_prompt; end`,
  },
};

const open: { screen: Screen; child: Bun.Subprocess }[] = [];
afterAll(async () => {
  for (const { screen, child } of open) {
    child.kill("SIGKILL");
    await child.exited;
    screen.close();
  }
});

/** Types a line and a tab; resolves with the line once it looks as expected. */
async function completed(shell: string, typed: string, wanted: RegExp): Promise<string> {
  const { start, setUp } = SHELLS[shell] ?? { start: "", setUp: "" };
  const folder = binary.folder({
    "my file.csv": "name,born\nAda,1815\n",
    "people.csv": "name,born\nAda,1815\n",
    "spaced.csv": "a one,b\n1,2\n",
  });
  const done = Promise.withResolvers<string>();
  let isTyped = false;
  const screen = new Screen(COLUMNS, ({ lines, pty }) => {
    const line = lines.findLast((each) => each.startsWith(PROMPT.trim()));
    if (line === undefined) return;
    if (!isTyped) {
      isTyped = true;
      pty.write(`${typed}\t`);
    }
    if (wanted.test(line)) done.resolve(line);
  });
  const child = folder.startOn(screen.pty, start);
  open.push({ screen, child });
  screen.pty.write(`${setUp}\r`);
  return await Promise.race([
    done.promise,
    child.exited.then(() => Promise.reject(new Error(`${shell} has ended: ${screen.raw}`))),
  ]);
}

for (const shell of Object.keys(SHELLS)) {
  const isThere = Bun.which(shell) !== null;
  if (!isThere) console.log(`skipped: a line typed in ${shell}, which is not installed`);

  describe.skipIf(!isThere)(shell, () => {
    test.each([
      ["a command", "rowmill sche", /rowmill schema( |$)/],
      ["a column, where columns are wanted", "rowmill people.csv --group-by bo", /--group-by born/],
      ["a second one", "rowmill people.csv --group-by name --sum name,bo", /--sum name,born/],
      ["a column and its =", "rowmill people.csv --types bo", /--types born=/],
      ["a column in an expression", "rowmill people.csv -e '{ name, x: 1 + bo", /1 \+ born/],
      ["a file with a space", "rowmill --to table my", /my\\ file\.csv/],
      ["a column of a file with a space", "rowmill my\\ file.csv --columns na", /--columns name/],
      ["a column with a space", "rowmill spaced.csv --columns a", /--columns (?:a\\ one|'a one)/],
      ["a word behind =", "rowmill people.csv --on-error=rej", /--on-error=reject/],
    ] as const)("%s", async (_, typed, wanted) => {
      expect(await completed(shell, typed, wanted)).toMatch(wanted);
    });

    // fish looks at the whole word, wherever the cursor is in it.
    test.skipIf(shell === "fish")("a column in an expression, the input behind the cursor", async () => {
      const behind = " }' people.csv";
      const typed = `rowmill -e '{ na${behind}${"\u001b[D".repeat(behind.length)}`;
      expect(await completed(shell, typed, /\{ name/)).toContain(`'{ name${behind}`);
    });
  });
}
