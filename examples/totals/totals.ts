// Aggregate by reduce, on all cores: orders, turnover and the largest order of each country. Sums are of whole cents, so that
// they do not depend on the order in which they are added. (For plain sums --group-by country --sum amount is enough.)
interface Order {
  id: string;
  country: string;
  amount: number;
}

interface Total {
  orders: number;
  cents: number;
  largest: { id: string; cents: number };
}

type Totals = Map<string, Total>;

function add(totals: Totals, country: string, more: Total): void {
  const total = totals.get(country);
  if (total === undefined) {
    totals.set(country, more);
    return;
  }
  total.orders += more.orders;
  total.cents += more.cents;
  // The earlier one stays where two are as large: the result is the same for every number of workers.
  if (more.largest.cents > total.largest.cents) total.largest = more.largest;
}

export const reduce = {
  init: (): Totals => new Map(),
  step: (totals: Totals, { id, country, amount }: Order) => {
    const cents = Math.round(amount * 100);
    add(totals, country, { orders: 1, cents, largest: { id, cents } });
  },
  merge: (before: Totals, behind: Totals) => {
    for (const [country, total] of behind) add(before, country, total);
  },
  finish: (totals: Totals) =>
    Array.from(totals, ([country, { orders, cents, largest }]) => ({
      country,
      orders,
      turnover: (cents / 100).toFixed(2),
      largest: largest.id,
    })),
};
