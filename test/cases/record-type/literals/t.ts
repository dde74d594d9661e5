enum Level {
  Low = 1,
  High = 2,
}
type Vote = { choice: "yes" | "no" | ""; level: Level; isValid: true; count: 0 | 10n };

export default (vote: Vote) => ({ ...vote, kinds: [typeof vote.level, typeof vote.count].join(" ") });
