export const batch = (rows) => rows.map((row) => ({ next: row.bron + 1 }));
