import type { Reducer } from "../reduce/reducer.ts";
import type { Grouping } from "./grouping.ts";
export function groupReducer(_g: Grouping): Reducer {
  throw new Error("soon");
}
