// Least, mean and greatest temperature of each station, in one pass.
interface Station {
  min: number;
  max: number;
  sum: number;
  count: number;
}
type Stations = Map<string, Station>;

export const reduce: {
  init: () => Stations;
  step: (stations: Stations, row: { station: string; temperature: string }) => Stations;
  merge: (stations: Stations, later: Stations) => Stations;
  finish: (stations: Stations) => object[];
} = {
  init: () => new Map(),
  step: (stations, row) => {
    const degrees = Number(row.temperature);
    const station = stations.get(row.station);
    if (station === undefined) {
      stations.set(row.station, { min: degrees, max: degrees, sum: degrees, count: 1 });
      return stations;
    }
    if (degrees < station.min) station.min = degrees;
    if (degrees > station.max) station.max = degrees;
    station.sum += degrees;
    station.count++;
    return stations;
  },
  merge: (stations, later) => {
    for (const [name, { min, max, sum, count }] of later) {
      const station = stations.get(name);
      if (station === undefined) {
        stations.set(name, { min, max, sum, count });
        continue;
      }
      station.min = Math.min(station.min, min);
      station.max = Math.max(station.max, max);
      station.sum += sum;
      station.count += count;
    }
    return stations;
  },
  finish: (stations) =>
    [...stations].map(([station, { min, max, sum, count }]) => ({
      station,
      temperature_min: min,
      temperature_mean: sum / count,
      temperature_max: max,
    })),
};
