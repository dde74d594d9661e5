export const batch = (rows: { born: number }[]) => rows.map(({ born }) => ({ next: born + 1 }));
