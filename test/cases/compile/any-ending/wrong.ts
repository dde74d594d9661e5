import { b } from "./lib.ts";
export default () => b;
