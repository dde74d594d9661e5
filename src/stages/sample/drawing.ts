/** Numbers by chance, the same ones for the same seed. */
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** The first numbers of seeds that lie near to each other are near to each other as well: so many are left out. */
const ALIKE = 64;

/** Makes what draws them. */
export function drawing(seed: number): RandomGenerator {
  const random = xoroshiro128plus(seed);
  for (let drawn = 0; drawn < ALIKE; drawn++) random.next();
  return random;
}
