import type { Scientist } from "./types.ts";

export default ({ name, born }: Scientist) => ({ name, age: 2017 - born });
