/**
 * Code that is generated, for speed: how names and texts from data enter it, and how it becomes a function. Whatever a name
 * holds, it stays one literal or one key. All code that Rowmill generates is made here; the user's own code is not.
 */

/** What stands before the name of generated code in stacks and profiles. */
export const GENERATED = "rowmill:generated/";

/** Line ends of JavaScript that JSON does not escape; marks that turn the direction of text, which hides code. */
const INVISIBLE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A text as a string literal. */
export function textLiteral(text: string): string {
  return JSON.stringify(text).replace(INVISIBLE, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * A name as the key of an object literal. `__proto__` must be computed: otherwise it sets the prototype. A computed key
 * defines an own property whatever its name is.
 */
export function keyLiteral(name: string): string {
  if (name === "__proto__") return `["__proto__"]`;
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : textLiteral(name);
}

/** A text of any kind inside a line comment. */
export function commentText(text: string): string {
  return text.replace(/[\u0000-\u001f]/g, escapeUnit).replace(INVISIBLE, escapeUnit);
}

/** An object literal with these own properties, in their order; values are code. */
export function objectLiteral(properties: readonly (readonly [name: string, value: string])[]): string {
  return `{ ${properties.map(([name, value]) => `${keyLiteral(name)}: ${value}`).join(", ")} }`;
}

/** The member of an object, which is code; also one that it inherits. */
export function memberOf(object: string, name: string): string {
  return `${object}[${textLiteral(name)}]`;
}

/** A statement that gives an object, which is code, a property of its own. */
export function definition(object: string, name: string, value: string): string {
  if (name !== "__proto__") return `${memberOf(object, name)} = ${value};`;
  return `Object.defineProperty(${object}, "__proto__", { value: ${value}, writable: true, enumerable: true, configurable: true });`;
}

/** The member of an object, which is code: what every object inherits is none of it, unless it is its own. */
export function ownMemberOf(object: string, name: string): string {
  const value = memberOf(object, name);
  return name in Object.prototype ? `(Object.hasOwn(${object}, ${textLiteral(name)}) ? ${value} : undefined)` : value;
}

/**
 * Makes the function of generated code.
 *
 * @param name It goes by this in stacks and profiles.
 * @param code Statements that return it.
 * @param scope What the code names.
 */
export function generate(name: string, code: string, scope: Readonly<Record<string, unknown>> = {}): unknown {
  const source = `"use strict"; ${code}\n//# sourceURL=${GENERATED}${name}`;
  // oxlint-disable-next-line no-implied-eval -- names and texts enter the code as literals only: see above
  return (new Function(...Object.keys(scope), source) as (...values: unknown[]) => unknown)(...Object.values(scope));
}
