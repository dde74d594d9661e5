import { readRows } from "rowmill";

const rows = readRows("nope.csv");

export default () => rows[0];
