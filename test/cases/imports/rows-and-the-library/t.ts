import { parse, stringify } from "rowmill";
import cities from "./cities.csv";
import codes from "./codes.tsv";
import fees from "./fees.toml";
import k from "./k.json";
import note from "./note.txt";
import q from "./q.jsonl";

const byId = new Map(cities.map((one) => [one.id, one]));

export default ({ city }: { city: number }) => {
  const found = byId.get(city);
  return {
    name: found?.name,
    people: found?.people,
    fee: fees.fees[found?.name],
    code: codes[0]?.x,
    rest: [k.k, q.length, note.trim(), parse("a,b\n1,2\n")[1]?.[1]].join(" "),
    csv: stringify([{ a: 1 }], { columns: ["a"], headers: false }).trim(),
  };
};
