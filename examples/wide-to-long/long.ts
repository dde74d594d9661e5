// One row for each column of figures (pandas calls it melt): all columns but the first two are years. Empty ones are left out.
export const options = { types: "text" };

export default function* ({ country, unit, ...years }: Record<string, string>) {
  for (const [year, value] of Object.entries(years)) {
    if (value !== "") yield { country, unit, year, value };
  }
}
