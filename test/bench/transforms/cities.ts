// How many were born in each city, and the mean of their years.
interface City {
  sum: number;
  count: number;
}
type Cities = Map<string, City>;

export const reduce: {
  init: () => Cities;
  step: (cities: Cities, row: { city: string; born: number }) => Cities;
  merge: (cities: Cities, later: Cities) => Cities;
  finish: (cities: Cities) => object[];
} = {
  init: () => new Map(),
  step: (cities, row) => {
    const city = cities.get(row.city);
    if (city === undefined) cities.set(row.city, { sum: row.born, count: 1 });
    else {
      city.sum += row.born;
      city.count++;
    }
    return cities;
  },
  merge: (cities, later) => {
    for (const [name, { sum, count }] of later) {
      const city = cities.get(name);
      if (city === undefined) cities.set(name, { sum, count });
      else {
        city.sum += sum;
        city.count += count;
      }
    }
    return cities;
  },
  finish: (cities) => [...cities].map(([city, { sum, count }]) => ({ city, count, born_mean: sum / count })),
};
