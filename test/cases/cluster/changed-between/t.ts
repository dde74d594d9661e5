import { year } from "./year.ts";
export default ({ name, born }) => ({ name, age: year - born });
