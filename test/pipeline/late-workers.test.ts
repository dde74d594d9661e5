import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { LateWorkers } from "../../src/pipeline/late-workers.ts";

interface Fixture {
  late: LateWorkers;
  /** What the pool was told. */
  told: string[];
  pass: (ms: number) => void;
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

function lateWorkers(remaining: number | undefined, { jobs = 2, atOnce = 1 } = {}): Fixture {
  const told: string[] = [];
  let now = 1000;
  const pool = {
    release: () => void told.push("release"),
    holdBack: (from: number) => void told.push(`hold back ${from}`),
  };
  const late = new LateWorkers(
    pool,
    { jobs, atOnce },
    () => remaining,
    () => now,
  );
  const pass = (ms: number): void => {
    now += ms;
    jest.advanceTimersByTime(ms);
  };
  return { late, told, pass };
}

describe("LateWorkers", () => {
  test("does not hold back what has cores of its own", () => {
    const { late, told, pass } = lateWorkers(1e12, { jobs: 4, atOnce: 7 });
    late.handedOut();
    pass(1000);
    late.arrived(1, 1000);
    expect(told).toEqual([]);
  });

  test("starts them when nothing comes of the first rows", () => {
    const { late, told, pass } = lateWorkers(100);
    late.handedOut();
    pass(11);
    expect(told).toEqual(["hold back 1"]);
    pass(1);
    expect(told).toEqual(["hold back 1", "release"]);
    late.arrived(10, 500);
    expect(told).toHaveLength(2);
  });

  test("starts them where slow rows are left, and not for the last of them", () => {
    // A row of 10 bytes takes 20 ms.
    for (const [left, isStarted] of [
      [1000, true],
      [50, false],
    ] as const) {
      const { late, told, pass } = lateWorkers(left);
      late.handedOut();
      pass(5);
      late.arrived(10, 5);
      pass(20);
      late.arrived(10, 20);
      expect(told.includes("release")).toBe(isStarted);
    }
  });

  test("trusts early estimates of quick rows less", () => {
    // 400 ms by the speed so far.
    const { late, told, pass } = lateWorkers(40_000_000);
    late.handedOut();
    pass(2);
    late.arrived(60, 2);
    pass(18);
    late.arrived(100_000, 1);
    expect(told).toEqual(["hold back 1"]);
    pass(40);
    late.arrived(100_000, 1);
    expect(told).toEqual(["hold back 1", "release"]);
  });

  test("starts them when a later batch takes long", () => {
    const { late, told, pass } = lateWorkers(100);
    late.handedOut();
    pass(5);
    late.arrived(10, 1);
    pass(39);
    expect(told).toEqual(["hold back 1"]);
    pass(1);
    expect(told).toEqual(["hold back 1", "release"]);
  });

  test("of a stream starts them when it has taken a while", () => {
    const { late, told, pass } = lateWorkers(undefined);
    late.handedOut();
    pass(10);
    late.arrived(10, 1);
    pass(30);
    late.arrived(10, 1);
    expect(told).toEqual(["hold back 1"]);
    pass(20);
    late.arrived(10, 1);
    expect(told).toEqual(["hold back 1", "release"]);
  });
});
