interface Point {
  at: [number, number];
  tags?: string[];
}
interface Trip {
  id: number;
  stops: Point[];
  meta: { by: "foot" | "train"; [more: string]: unknown };
}

export default ({ id, stops, meta }: Trip) => ({
  id,
  far: stops.map(({ at: [x, y] }) => x + y).join(" "),
  tags: stops.flatMap(({ tags = [] }) => tags).length,
  by: meta.by,
});
