// 1,000 rounds of the generator of Park and Miller from the seed in the row.
export default ({ id, seed }: { id: string; seed: string }): object => {
  let x = Number(seed);
  for (let round = 0; round < 1000; round++) x = (x * 16807) % 2147483647;
  return { id, x };
};
