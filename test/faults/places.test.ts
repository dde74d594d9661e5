/** The short form of places.ts: the places that are made quickly. */
import { test } from "bun:test";
import { installBinary } from "../cli/binary.ts";
import { placesNamed, tryPlace } from "./places.ts";

const binary = installBinary();
const ROWS = 3000;
/** An emulator takes seconds to start the binary. */
const SLOW = /processor|never answers/;

for (const place of placesNamed("").filter(({ name }) => !SLOW.test(name))) {
  test(place.name, async () => {
    const outcome = await tryPlace(binary, place, ROWS);
    if (!outcome.isTried) console.log(`not tried: ${place.name}: ${outcome.why}`);
  });
}
