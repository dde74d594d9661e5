/** A program that uses the pool, for the bundlers of matrix.ts and for package.test.ts. Prints `202 135 rejected`. */
import { Pool } from "rowmill";

interface Scientist {
  name: string;
  born: number;
}

const scientists: Scientist[] = [
  { name: "Ada Lovelace", born: 1815 },
  { name: "Emmy Noether", born: 1882 },
];
const pool = new Pool({ jobs: 2, shared: { years: Int32Array.of(2017) } });
const ages = await pool.map(({ born }: Scientist, ctx) => (ctx.shared.years[0] ?? 0) - born, scientists);
const [outcome] = await pool.map((n: number) => Promise.reject(new Error(String(n))), [1], { settle: true });
console.log(...ages, outcome?.status);
await pool.close();
