// Dates as people write them become ISO 8601, with a day when the invoice is due. A date that there is not (31 April) fails its
// row: Temporal refuses it, where `new Date` would quietly take the 1 May.
interface Invoice {
  id: string;
  issued: string;
  days: number;
}

const FORMS = [
  /^(?<day>\d{1,2})\.(?<month>\d{1,2})\.(?<year>\d{4})$/,
  /^(?<month>\d{1,2})\/(?<day>\d{1,2})\/(?<year>\d{4})$/,
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})$/,
];

function dateOf(text: string): Temporal.PlainDate {
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups;
    if (parts === undefined) continue;
    const { year, month, day } = parts;
    const fields = { year: Number(year), month: Number(month), day: Number(day) };
    try {
      return Temporal.PlainDate.from(fields, { overflow: "reject" });
    } catch (cause) {
      throw new Error(`no such day: ${text}`, { cause });
    }
  }
  throw new Error(`no date: ${text}`);
}

export default ({ id, issued, days }: Invoice) => {
  const date = dateOf(issued);
  const due = date.add({ days });
  return { id, issued: date, due, weekday: due.toLocaleString("en", { weekday: "long" }) };
};
