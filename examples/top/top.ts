// The three largest of each group, on all cores: an accumulator holds three rows a group, so memory does not grow with the input.
interface City {
  country: string;
  name: string;
  people: number;
}

type Top = Map<string, City[]>;

const SIZE = 3;

function keep(top: Top, city: City): void {
  const cities = top.get(city.country) ?? [];
  const at = cities.findIndex(({ people }) => people < city.people);
  top.set(city.country, cities.toSpliced(at === -1 ? cities.length : at, 0, city).slice(0, SIZE));
}

export const reduce = {
  init: (): Top => new Map(),
  step: keep,
  merge: (before: Top, behind: Top) => {
    for (const cities of behind.values()) for (const city of cities) keep(before, city);
  },
  finish: (top: Top) => [...top.values()].flat(),
};
