/** What `rowmill shard` and whoever has started it say to each other. */

/** What a scheduler is told: done; it may go better another time; it will not; the time is up, and it has come further. */
export const SHARD_EXIT = { done: 0, again: 1, never: 2, timeUp: 75 } as const;

/** Its time will be up. */
export const TIME_UP_SIGNAL = "SIGUSR2";
