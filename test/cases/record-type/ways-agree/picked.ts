import type { Row } from "./row.ts";

export default ({ id, name, born, score }: Row) => ({
  id,
  name,
  age: 2017 - born,
  is: score === null ? "none" : score * 2,
});
