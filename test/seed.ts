/**
 * Loaded before every test file: what tests draw at random is the same in each run of the gate, so that a failure is one of what was
 * changed. ROWMILL_FUZZ_RUNS has them draw anew, and more; a seed stands in the message of a failure.
 */
import * as fc from "fast-check";

if (process.env["ROWMILL_FUZZ_RUNS"] === undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20261130 });
