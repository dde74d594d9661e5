import type { Named } from "./named.ts";

export interface Person extends Named {
  born: number;
}
