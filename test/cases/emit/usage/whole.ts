export const batch = (rows: object[]) => rows;
