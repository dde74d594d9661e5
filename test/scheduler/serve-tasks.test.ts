import { expect, test } from "bun:test";

import { PROGRESS_CLAIMS, PROGRESS_WORDS, type TaskMessage } from "../../src/scheduler/messages.ts";
import { type Answer, Progress, type Served, type ServedTask, TaskServer } from "../../src/scheduler/serve-tasks.ts";

interface Fixture {
  words: Int32Array;
  answers: Answer<string>[];
  server: TaskServer<string, string>;
  /** Posts a task as the pool does. */
  post: (task: Partial<TaskMessage<string>> & { id: number }) => void;
}

function serve(handle: (task: ServedTask<string, string>) => Served<string> | Promise<Served<string>>): Fixture {
  const words = new Int32Array(new SharedArrayBuffer(PROGRESS_WORDS * 4));
  const answers: Answer<string>[] = [];
  const server = new TaskServer<string, string>(
    new Progress(words),
    handle,
    (answer) => answers.push(answer),
    undefined,
  );
  const post: Fixture["post"] = (task) => {
    const fresh = {
      type: "task",
      payload: `task ${task.id}`,
      isSerial: false,
      done: 0,
      takesParts: false,
      ticket: 0,
    } as const;
    const message: TaskMessage<string> = { ...fresh, poisoned: [], ...task };
    words[PROGRESS_CLAIMS + message.ticket] = message.id;
    server.take(message);
  };
  return { words, answers, server, post };
}

test("TaskServer answers tasks one after another, in the order in which they came", async () => {
  const begun: string[] = [];
  const gate = Promise.withResolvers<void>();
  const { answers, server, post } = serve(async ({ payload }) => {
    begun.push(payload);
    await gate.promise;
    return { value: payload, transfer: [] };
  });
  post({ id: 7, ticket: 0 });
  post({ id: 8, ticket: 1 });
  await Promise.resolve();
  expect(begun).toEqual(["task 7"]);
  gate.resolve();
  await server.idle;
  expect(answers).toMatchObject([
    { type: "result", id: 7, ok: true, value: "task 7" },
    { type: "result", id: 8, ok: true, value: "task 8" },
  ]);
});

test("TaskServer leaves a task that the pool has taken back", async () => {
  const { words, answers, server, post } = serve(({ payload }) => ({ value: payload, transfer: [] }));
  post({ id: 1, ticket: 0 });
  post({ id: 2, ticket: 1 });
  words[PROGRESS_CLAIMS + 1] = -1;
  // Another one takes the place of the one that is gone.
  post({ id: 3, ticket: 1 });
  await server.idle;
  expect(answers.map(({ id }) => id)).toEqual([1, 3]);
});

test("TaskServer declines a task behind one that took too long, and does not claim it", async () => {
  const { words, answers, server, post } = serve(({ payload }) => {
    const until = performance.now() + (payload === "task 1" ? 3 : 0);
    while (performance.now() < until);
    return { value: payload, transfer: [] };
  });
  post({ id: 1, ticket: 0 });
  post({ id: 2, ticket: 1, afterMs: 2 });
  await server.idle;
  expect(answers.map(({ id, type }) => [id, type])).toEqual([
    [1, "result"],
    [2, "declined"],
  ]);
  expect(words[PROGRESS_CLAIMS + 1]).toBe(2);
  post({ id: 3, ticket: 1, afterMs: 60_000 });
  await server.idle;
  expect(answers.at(-1)).toMatchObject({ id: 3, type: "result" });
});

test("TaskServer answers with the error of a handler that throws or rejects, and goes on", async () => {
  const { answers, server, post } = serve(({ payload }) => {
    if (payload === "task 1") throw new TypeError("thrown");
    if (payload === "task 2") return Promise.reject(new TypeError("rejected"));
    return { value: payload, transfer: [] };
  });
  for (const id of [1, 2, 3]) {
    post({ id });
    await server.idle;
  }
  expect(answers).toMatchObject([
    { id: 1, ok: false, error: { name: "TypeError", message: "thrown" } },
    { id: 2, ok: false, error: { name: "TypeError", message: "rejected" } },
    { id: 3, ok: true, value: "task 3" },
  ]);
});

test("TaskServer tells the handler what must not run again", async () => {
  const error = { name: "Error", message: "boom" } as never;
  const { server, post } = serve((task) => {
    expect(task).toMatchObject({ isSerial: true, timeoutMs: 5, poisoned: new Map([[2, error]]) });
    return { value: "", transfer: [] };
  });
  post({ id: 1, isSerial: true, timeoutMs: 5, poisoned: [{ item: 2, error }] });
  await server.idle;
  expect.assertions(1);
});
