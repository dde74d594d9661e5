export type Named = { name: string };
