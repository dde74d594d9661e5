/** What the worker knows of the code of its run, when all of it is loaded. */
import type { Proof } from "../code/proof.ts";
import type { PlainField } from "../fields/schema/plain-fields.ts";
import type { LostWords } from "../fields/missing-results.ts";
import type { ObjectFields } from "../formats/format.ts";
import type { Typing } from "../fields/typing.ts";
import type { Predicate } from "./outcome.ts";
import type { LoadedTransform } from "./transform.ts";

/** The code of a run: its function and filter, and what is proven of both. */
export interface ProvenCode {
  transform: LoadedTransform;
  /** The fields of its schema, where these are plain. */
  fields: ReadonlyMap<string, PlainField> | undefined;
  proof: Proof | undefined;
  /** `unwatched`: without a look at its calls (see watched-calls.ts). */
  filter: { call: Predicate; unwatched: Predicate; proof: Proof | undefined } | undefined;
  /** The columns that are more than text to the code. */
  typing: Typing;
  /** The fields that are objects, where the code looks at these and changes nothing; undefined where there are none. */
  objects: ObjectFields | undefined;
  /** The words by which a missing field shows in texts that it makes. */
  lostWords: LostWords;
}
