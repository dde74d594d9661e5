/** What reads the type of a transform's rows, with its parser, as a bundle entry of its own: see transform/load.ts. */
export { readRecordType, readRowParameter } from "./fields/record-type/read-record-type.ts";
