interface Event {
  id: bigint;
  at: Date;
}

export default (row: Event) => ({ ...row, next: row.id + 1n, year: row.at.getUTCFullYear() });
