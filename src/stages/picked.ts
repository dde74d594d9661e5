/** A stage that picks rows, where they come one by one: behind another ordered stage. */
import type { Row } from "../formats/format.ts";
import type { PickingStage } from "./stage.ts";

interface SerialPicker {
  /** Whether the next row goes out. */
  takes: (row: unknown) => boolean;
  /** All rows were there. */
  end: () => void;
}

/** Each row is a batch of its own. */
export function serialPicker(stage: PickingStage): SerialPicker {
  const picker = stage.picker();
  return {
    takes: (row) => {
      const part = stage.part();
      // What is no object has no fields: its encoder says so.
      const isNoted = typeof row !== "object" || row === null || part.add(stage.note(row as Row));
      return isNoted && picker.pick(part.pack()).every((isPicked) => isPicked);
    },
    end: () => void picker.end(),
  };
}
