/** Turns an error into the text that people see on a terminal. */
import { RowmillError, WRITE, messageOf, shownPlace } from "../errors.ts";

const DETAIL_INDENT = "  ";

/** A message may quote a field or a thrown text of any length: so much of its start and of its end is shown. */
const SHOWN_START_CHARS = 1500;
const SHOWN_END_CHARS = 300;

/** How errors are shown. */
export interface RenderOptions {
  hasColor: boolean;
  /** With the stack of Rowmill itself, and all causes. */
  isDebug: boolean;
  /** The command line that goes on with a run that can be resumed. */
  resumeCommand: string;
}

/** The lines for an error: place and message first, then the row, the user's frames, and what to do. */
export function renderError(error: unknown, { hasColor, isDebug, resumeCommand }: RenderOptions): string {
  const paint = (style: "red" | "dim" | "cyan", text: string): string =>
    hasColor ? process.getBuiltinModule("node:util").styleText(style, text, { validateStream: false }) : text;
  if (!(error instanceof RowmillError)) {
    // Not raised on purpose: a fault of Rowmill itself, and its stack is what helps.
    const stack = error instanceof Error ? error.stack : undefined;
    return `${paint("red", "error")}: Rowmill failed: ${messageOf(error)}\n${stack ?? ""}\n`;
  }
  const lines = [`${paint("red", "error")}: ${place(error)}${shown(error.message)}`];
  if (error.row !== undefined) lines.push(`${DETAIL_INDENT}${paint("dim", "row:")} ${showControls(error.row)}`);
  if (error.frames !== undefined) lines.push(error.frames);
  if (error.hint !== undefined) lines.push(`${DETAIL_INDENT}${paint("cyan", "hint:")} ${shownHint(error.hint)}`);
  if (error.isResumable) {
    lines.push(`${DETAIL_INDENT}${paint("cyan", "go on with:")} ${showControls(resumeCommand)}`);
  }
  if (isDebug) lines.push(Bun.inspect(error, { colors: hasColor }));
  return `${lines.join("\n")}\n`;
}

/** The place of an error, for the start of its line. */
function place({ place: where }: RowmillError): string {
  if (where === undefined || where.file === "") return "";
  return `${showControls(shownPlace(where))}: `;
}

/** Code that is to be written is shown as it is, in all its lines: with line feeds as escapes it would not run. */
function shownHint(hint: string): string {
  return hint.startsWith(WRITE) ? hint.split("\n").map(showControls).join("\n") : shown(hint);
}

function shown(text: string): string {
  const isLong = text.length > SHOWN_START_CHARS + SHOWN_END_CHARS;
  return showControls(isLong ? `${text.slice(0, SHOWN_START_CHARS)}…${text.slice(-SHOWN_END_CHARS)}` : text);
}

/**
 * What a terminal obeys or does not show: controls, soft hyphens, zero-width spaces, marks that turn the direction of text,
 * byte order marks. Joiners stay: scripts and emoji are made with them.
 */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Data may hold anything: what is hidden is shown, and never sent to the terminal. */
export function showControls(text: string): string {
  return text.replace(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? JSON.stringify(character).slice(1, -1) : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
