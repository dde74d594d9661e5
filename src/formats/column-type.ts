/** Types of the columns of a Parquet file, as users and inputs name them. */

export type ColumnType =
  | { is: "text" | "json" | "integer" | "double" | "boolean" | "day" }
  | { is: "decimal"; precision: number; scale: number }
  /** In parts of a second with so many digits: 3, 6 or 9; 6 or 9 for a time of the day. */
  | { is: "time"; digits: number }
  | { is: "moment"; digits: number; isUtc: boolean };

const NAMED: Readonly<Record<string, ColumnType>> = {
  text: { is: "text" },
  int: { is: "integer" },
  number: { is: "double" },
  boolean: { is: "boolean" },
  date: { is: "day" },
  time: { is: "time", digits: 6 },
  datetime: { is: "moment", digits: 6, isUtc: false },
  instant: { is: "moment", digits: 6, isUtc: true },
  json: { is: "json" },
};

/** The names of types, as messages list them. */
export const COLUMN_TYPES: readonly string[] = [...Object.keys(NAMED), "decimal(10,2)"];

const DECIMAL = /^decimal\((\d+), *(\d+)\)$/;
/** Decimals are whole numbers of 64 bits. */
const MOST_PRECISION = 18;
const PARTS = /^(time|datetime|instant)\((\d)\)$/;

/** A type by its name, such as `int`, `decimal(18,2)` or `datetime(9)`: with 9 digits of a second. Undefined where it is none. */
export function namedType(name: string): ColumnType | undefined {
  const [, precision, scale] = DECIMAL.exec(name) ?? [];
  if (precision !== undefined && scale !== undefined) {
    const type = { is: "decimal", precision: Number(precision), scale: Number(scale) } as const;
    return type.precision >= 1 && type.precision <= MOST_PRECISION && type.scale <= type.precision ? type : undefined;
  }
  const [, kind, digits] = PARTS.exec(name) ?? [];
  const named = Object.hasOwn(NAMED, kind ?? name) ? NAMED[kind ?? name] : undefined;
  if (digits === undefined) return named;
  if (named?.is === "time") return timeWith(Number(digits));
  return named?.is === "moment" ? momentWith(Number(digits), named.isUtc) : undefined;
}

/** How a type is called in messages. */
export function typeName(type: ColumnType): string {
  switch (type.is) {
    case "decimal":
      return `decimal(${type.precision},${type.scale})`;
    case "moment":
      return `${type.isUtc ? "instant" : "datetime"}(${type.digits})`;
    case "time":
      return `time(${type.digits})`;
    default:
      return Object.keys(NAMED).find((name) => NAMED[name]?.is === type.is) ?? type.is;
  }
}

/** Times with so many digits of a second. With fewer than six it would be a number of another width. */
export function timeWith(digits: number): ColumnType {
  return { is: "time", digits: digits <= 6 ? 6 : 9 };
}

export function momentWith(digits: number, isUtc: boolean): ColumnType {
  return { is: "moment", digits: digits <= 3 ? 3 : digits <= 6 ? 6 : 9, isUtc };
}
