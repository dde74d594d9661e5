import { shout } from "./shout.ts";

export default (row) => ({
  name: shout(row.nmae),
  age: 2017 - row.born,
});
