/**
 * What is known of the code of a run, an expression or a module with its filter, before its rows come: what it reads and
 * hands on, what its columns are to it, which of its calls are watched, what whoever wrote it should know.
 */
import { readFileSync } from "node:fs";
import type { Expression } from "acorn";
import { RowmillError } from "../errors.ts";
import type { KeysOf, LooksAt, ObjectFields } from "../formats/format.ts";
import { literalKeys } from "../code/literal-keys.ts";
import { type ColumnUses, functionUses, unionOfUses, wantedAsText } from "../code/column-uses.ts";
import {
  checkMembers,
  compileExpression,
  keysOfExpression,
  notesOnExpression,
  proofOfExpression,
  treeOfExpression,
  usesOfExpression,
  tryParse,
} from "../code/expression.ts";
import { hasColumns, readerOf, writerOf } from "../formats/registry.ts";
import { callTree, functionTree } from "../code/function-tree.ts";
import { dateColumns, namesIn } from "../code/local-dates.ts";
import { LINKED_TRANSFORM } from "../code/linked.ts";
import type { HandedOn } from "../code/handed-on.ts";
import { PASSES_ROWS_ON, type Proof, proveFunction } from "../code/proof.ts";
import { NOTHING_AROUND, expressionAround } from "../code/proof-subject.ts";
import { recordNames, recordColumns } from "../fields/record-type/record-rows.ts";
import { type RecordType, fieldShape, shownShape } from "../fields/record-type/shape.ts";
import { type Reads, proofReads, schemaReads, unionOfReads } from "./reads.ts";
import type { RowsPlan } from "./plan/plan.ts";
import { CODE_WINDOW } from "../stages/rewriting/asked.ts";
import { sortKey } from "../stages/sort/sort-keys.ts";
import type { Described } from "../stages/stage.ts";
import { initOf, passesOnToGroups, stepOf } from "./reduce/reducing.ts";
import type { RowFunctionSetup } from "./row-function.ts";
import { checkState, moduleKeepsNothing } from "../code/state-check.ts";
import { plainFields } from "../fields/schema/plain-fields.ts";
import { type LostWords, lostWords } from "../fields/missing-results.ts";
import { typedRows } from "../fields/typed-rows.ts";
import { type DataTypes, type Typing, holdsJson, typingOf } from "../fields/typing.ts";
import { readKeys, unknownColumn, unknownColumnError } from "../code/unknown-columns.ts";
import type { ProvenCode } from "./proven-code.ts";
import { type CallWatch, checkGives, mayGiveNothing } from "./watched-calls.ts";
import { mayGoOn, moduleMayGoOn } from "../code/aftermath.ts";
import { treeOf } from "./what-lasts.ts";
import type { CodePlan, RowsExplained, RunSetup, TransformSource } from "./wire.ts";
import type { LoadedTransform } from "./transform.ts";

/** Whether what the code of a run begins may go on when it has returned. */
export function codeMayGoOn({ source, filter }: RunSetup): boolean {
  if (filter !== undefined && mayGoOn(filter)) return true;
  if (source.kind === "module") return source.path === LINKED_TRANSFORM || moduleMayGoOn(source.path);
  return source.kind === "expression" && source.expression !== undefined && mayGoOn(source.expression);
}

/** The filter of a run, and what is proven of it. */
export async function filterOf(
  { filter, input }: RunSetup,
  { schema }: LoadedTransform,
  watch: CallWatch,
): Promise<ProvenCode["filter"]> {
  if (filter === undefined) return undefined;
  const call = await compiled(filter, input.columns, schema === undefined ? "plain" : "any");
  await checkFilter(filter, input.columns);
  checkGives(treeOfExpression(filter), filter.trim(), { who: "the filter", gives: "a value" });
  // What a schema gives may have other fields.
  if (schema === undefined) checkMembers(filter, input.columns);
  const looking = watch.lookingAtDates(call, expressionDates(filter, input.columns));
  return { call: watch.lookingAtKeys(looking), unwatched: call, proof: proofOfExpression(filter, input.columns) };
}

/** Whether rows have keys of their own: those of JSON. */
function hasKeys({ traits }: RunSetup["input"]): boolean {
  return traits.columns === "keys";
}

/** The keys that the code of a run reads of rows of JSON. */
export async function keysToWatch(
  { call, schema, batch, isPassedOn, reduce }: LoadedTransform,
  { source, filter, input }: RunSetup,
): Promise<string[]> {
  if (!hasKeys(input) || schema !== undefined || batch !== undefined) return [];
  // What does not compile is said in words that help.
  if (filter !== undefined) await compiled(filter, undefined);
  const keys = filter === undefined ? [] : keysOfExpression(filter);
  if (source.kind === "expression" && source.expression !== undefined)
    keys.push(...keysOfExpression(source.expression));
  if (source.kind === "module" && !isPassedOn && (reduce === undefined || filter === undefined)) {
    const parsed = functionTree(call);
    if (parsed !== undefined) keys.push(...readKeys(parsed.tree, parsed.source, { rowNames: [], bareNames: [] }));
  }
  return [...new Set(keys)];
}

/** The function of a run, as far as its calls are watched. */
export function watched(
  call: LoadedTransform["call"],
  watch: CallWatch,
  { code: { transform, proof, filter }, setup }: { code: ProvenCode; setup: RunSetup },
): LoadedTransform["call"] {
  const { batch, isPassedOn } = transform;
  const { source } = setup;
  const isOwn = source.kind === "module" ? !isPassedOn && batch === undefined : source.kind === "expression";
  if (!isOwn) return call;
  const dated = watch.lookingAtDates(call, datesOf(transform, setup));
  // A filter has seen the rows before.
  const looking = filter === undefined ? watch.lookingAtKeys(dated) : dated;
  if (proof?.result !== undefined) return looking;
  const tree = source.kind === "module" ? functionTree(transform.call)?.tree : expressionTree(source);
  return tree !== undefined && mayGiveNothing(tree) ? watch.lookingAtResults(looking) : looking;
}

/** The columns of which the function of a run makes dates. */
function datesOf({ call, schema }: LoadedTransform, { source, input }: RunSetup): string[] {
  if (source.kind === "expression" && source.expression !== undefined)
    return expressionDates(source.expression, input.columns);
  if (source.kind !== "module" || schema !== undefined) return [];
  const parsed = functionTree(call);
  return parsed?.source.includes("Date") === true ? dateColumns(parsed.tree, NOTHING_AROUND) : [];
}

function expressionDates(expression: string, columns: readonly string[] | undefined): string[] {
  if (!expression.includes("Date") || columns?.includes("Date") === true) return [];
  const tree = treeOfExpression(expression);
  return dateColumns(tree, expressionAround(columns ?? namesIn(tree)));
}

function expressionTree(source: TransformSource): ReturnType<typeof treeOfExpression> | undefined {
  return source.kind === "expression" && source.expression !== undefined
    ? treeOfExpression(source.expression)
    : undefined;
}

/** One sign of equality gives a value, and compares nothing. */
async function checkFilter(filter: string, columns: readonly string[] | undefined): Promise<void> {
  if (!/[^=!<>]=[^=>]/.test(filter)) return;
  const { checkTest } = await import("../code/filter-test.ts");
  checkTest(treeOfExpression(filter), filter, columns);
}

/** The keys of the results of a run's code in its order, as far as it says. */
export function resultKeys(code: ProvenCode, setup: RunSetup): string[] | undefined {
  // A schema gives fields of its own.
  const { schema, output, batch } = code.transform;
  const tree = batch === undefined && output === undefined ? treeOf(code, setup) : undefined;
  return tree && literalKeys(tree, schema === undefined ? setup.input.columns : undefined);
}

/** An expression, compiled. What is wrong with one is explained by code that others need not load. */
export async function compiled(
  expression: string,
  columns: readonly string[] | undefined,
  rows?: Parameters<typeof compileExpression>[2],
): Promise<ReturnType<typeof compileExpression>> {
  try {
    return compileExpression(expression, columns, rows);
  } catch (error) {
    const { explained } = await import("../code/misread-names.ts");
    throw explained(error, expression, columns);
  }
}

/**
 * What whoever wrote the code should know of it before it runs.
 *
 * @throws {RowmillError} `transform`, where a module reads a column that the input has not, whatever the row.
 */
export function notesOn({ transform }: ProvenCode, { source, filter, input }: RunSetup): string[] {
  const expressions = [source.kind === "expression" ? source.expression : undefined, filter];
  const notes = expressions.flatMap((text) => (text === undefined ? [] : notesOnExpression(text, input.columns)));
  const { schema, batch, call, isPassedOn } = transform;
  if (source.kind === "module" && batch === undefined && !isPassedOn) {
    const parsed = functionTree(call);
    if (parsed !== undefined)
      checkGives(parsed.tree, parsed.source, { who: `${source.path}: the function`, gives: "a row" });
  }
  const getsRows = source.kind === "module" && schema === undefined && batch === undefined && !isPassedOn;
  if (!getsRows) return notes;
  // A field of the row's type may be missing in all rows.
  const record = recordOf(transform);
  const own = record === undefined ? [] : record.fields.map(({ name }) => name);
  const known = input.columns && [...new Set([...input.columns, ...own])];
  return [...notes, ...notesOnMembers(call, source.path, known)];
}

/**
 * What is known of variables of the module that its function changes.
 *
 * @throws {RowmillError} `transform`, where results depend on them.
 */
export async function stateNotes(loaded: LoadedTransform, { source, checksState }: RunSetup): Promise<string[]> {
  // The file of a program's own transform was looked at when the program was made.
  if (source.kind !== "module" || source.path === LINKED_TRANSFORM || !checksState) return [];
  return await checkState(source.path, loaded);
}

/**
 * Whether an asynchronous function of a module gives nothing that could change when other rows are under way. Of others
 * nobody asks.
 */
export async function givesNothingThatChanges({ call }: LoadedTransform, { source }: RunSetup): Promise<boolean> {
  if (source.kind !== "module" || source.path === LINKED_TRANSFORM) return false;
  if (!/^(?:async\b|[^]*\bawait\b)/.test(String(call))) return false;
  try {
    return await moduleKeepsNothing(source.at);
  } catch {
    return false;
  }
}

/** The columns that a module's function reads of the row and the input has not. */
function notesOnMembers(call: LoadedTransform["call"], path: string, columns: readonly string[] | undefined): string[] {
  const parsed = columns && functionTree(call);
  if (columns === undefined || parsed === undefined) return [];
  const unknown = unknownColumn(parsed.tree, parsed.source, { columns, rowNames: [] });
  if (unknown === undefined) return [];
  const error = unknownColumnError(unknown, path, columns);
  // Other inputs may take the way on which it is read.
  if (!unknown.isConditional) throw error;
  return [`${error.message}; ${error.hint ?? ""}`];
}

/** What is proven of the function of a run; `fields` are those of its rows, where a schema makes them. */
export function proofOf(
  { call }: LoadedTransform,
  fields: ProvenCode["fields"],
  { source, input, isProfiled }: RunSetup,
): Proof | undefined {
  // All of a row is looked at.
  if (isProfiled) return undefined;
  if (source.kind === "module") return proveFunction(call, fields === undefined ? input.columns : [...fields.keys()]);
  return source.expression === undefined ? PASSES_ROWS_ON : proofOfExpression(source.expression, input.columns);
}

/** The plan in words, by code that only those load who read them. */
export async function inWords(
  plan: RowsPlan,
  code: ProvenCode,
  facts: { setup: RunSetup; ordered: readonly Described[]; reads: Reads },
): Promise<RowsExplained> {
  const { explainRows } = await import("./plan/explain.ts");
  return explainRows(plan, code, { ...facts, looksAt: looksAt(code) });
}

/**
 * Whether it does no harm to call the code of a run for what turns out to be no row, and again for what is one: it takes a
 * short way, has no effect, and nothing is told of its calls but what is true of rows.
 */
export async function isHarmless(
  { transform, filter, fields }: ProvenCode,
  { source, filter: filterText, input, grouping }: RunSetup,
  { plan, watch }: { plan: RowsPlan; watch: CallWatch },
): Promise<boolean> {
  if (plan.kind === "rows" || plan.kind === "batch") return false;
  if (!watch.isSettled && !hasKeys(input)) return false;
  // What a schema asks of a field may be anything.
  if (
    fields === undefined
      ? transform.schema !== undefined
      : [...fields.values()].some(({ check }) => check !== undefined)
  )
    return false;
  const { isPureExpression, isPureFunction } = await import("../code/pure.ts");
  if (filter !== undefined && filterText !== undefined) {
    if (!isPureExpression(treeOfExpression(filterText), input.columns)) return false;
  }
  if (source.kind === "expression")
    return source.expression === undefined || isPureExpression(treeOfExpression(source.expression), input.columns);
  const { call, isPassedOn, reduce } = transform;
  const parsed = isPassedOn ? undefined : functionTree(call);
  if (!isPassedOn && (parsed === undefined || !isPureFunction(parsed.tree, 1))) return false;
  if (reduce === undefined || grouping !== undefined) return true;
  const [init, step] = [callTree(initOf(reduce)), callTree(stepOf(reduce))];
  return init !== undefined && step !== undefined && isPureFunction(init.tree, 0) && isPureFunction(step.tree, 2);
}

/** The fields that are objects; undefined where there are none, or code may change one. */
export async function objectsLookedAt({ source, filter, input }: RunSetup): Promise<ObjectFields | undefined> {
  if (input.settings["objects"] !== true || source.kind !== "expression") return undefined;
  const [{ changesNothing, isPureExpression }, { membersLookedAt }] = await Promise.all([
    import("../code/pure.ts"),
    import("../code/members-looked-at.ts"),
  ]);
  const texts = [source.expression, filter].filter((text) => text !== undefined);
  const trees = texts.flatMap((text) => tryParse(text) ?? []);
  const isHarmlessTree = (tree: Expression): boolean => isPureExpression(tree, input.columns) && changesNothing(tree);
  if (trees.length < texts.length || !trees.every(isHarmlessTree)) return undefined;
  const keysOf: KeysOf = (column) => membersLookedAt(trees, column);
  return await readerOf(input.format).objectFields?.(input.settings, input.columns ?? [], keysOf);
}

/**
 * Looks at expressions that take fields for objects which are texts, as nobody asked for objects.
 *
 * @throws {RowmillError} `transform`, where one reads a member that no text has.
 */
export async function checkTextFields({ source, filter, input }: RunSetup, { schema }: LoadedTransform): Promise<void> {
  const { settings, types, columns = [] } = input;
  const reader = readerOf(input.format);
  if (reader.objectFields === undefined || settings["objects"] === true || schema !== undefined) return;
  const texts = [source.kind === "expression" ? source.expression : undefined, filter];
  const trees = texts.flatMap((text) => (text === undefined ? [] : (tryParse(text) ?? [])));
  if (trees.length === 0) return;
  const { membersLookedAt } = await import("../code/members-looked-at.ts");
  for (const column of (await reader.objectFields(settings, columns, () => undefined)).keys()) {
    if (Object.hasOwn(types, column)) continue;
    const member = [...(membersLookedAt(trees, column) ?? [])].find(
      (name) => !(name in String.prototype) && !isIndex(name),
    );
    if (member === undefined) continue;
    throw new RowmillError("transform", `the code reads ${column}.${member}, and ${column} is a text`, {
      hint: "--objects makes an object of it",
    });
  }
}

function isIndex(name: string): boolean {
  return /^\d+$/.test(name);
}

/** Whether rows may be mapped in the thread of a run, which hears nothing meanwhile: code that cannot be read is told as such. */
export async function isShortWork({ source, filter, input, cache }: RunSetup): Promise<boolean> {
  if (source.kind !== "expression" || cache !== undefined || Object.values(input.types).includes("bigint"))
    return false;
  const { isPureExpression, isStraight } = await import("../code/pure.ts");
  return [source.expression, filter].every((text) => {
    const tree = text === undefined ? undefined : tryParse(text);
    return tree === undefined || (isPureExpression(tree, input.columns) && isStraight(tree));
  });
}

/** The keys of JSON whose values are looked at: not those that are handed on with their row, nor those that become texts. */
export function seenKeys(
  code: ProvenCode,
  { source, input, steps }: RunSetup,
  { isFolded }: { isFolded: boolean },
): LooksAt | undefined {
  if (!hasKeys(input) && input.settings["objects"] !== true) return undefined;
  const { transform, proof, filter } = code;
  const isProven = proof !== undefined && (filter === undefined || filter.proof !== undefined);
  // What folds the results of a function looks at what that hands on.
  const hasFunction =
    source.kind === "module" ? !transform.isPassedOn : source.kind === "expression" && source.expression !== undefined;
  // What picks rows looks at the fields of results.
  const isOwn =
    transform.batch === undefined && transform.schema === undefined && !(isFolded && hasFunction) && steps.length === 0;
  const seen = isOwn && isProven ? looksAt(code) : undefined;
  const { types } = input;
  const isText = (key: string): boolean => Object.hasOwn(types, key) && types[key] === "string";
  if (seen === undefined && !Object.keys(types).some(isText)) return undefined;
  const record = recordOf(transform);
  const checked = new Set(record === undefined ? [] : recordNames(record));
  return (key) => checked.has(key) || (!isText(key) && (seen?.has(key) ?? true));
}

/** What the code hands on, where that may be spelled in a way of its own: rows of JSON, or columns of JSON. */
export async function handedOn(code: ProvenCode, setup: RunSetup): Promise<HandedOn | undefined> {
  const { input, source } = setup;
  const mayHoldJson = [...Object.keys(input.types), ...Object.keys(input.dataTypes)].some((name) =>
    holdsJson(input, name),
  );
  if (input.traits.values === "text" && !mayHoldJson) return undefined;
  const tree = treeOf(code, setup);
  if (tree === undefined) return undefined;
  const { handedOnBy } = await import("../code/handed-on.ts");
  return handedOnBy(tree, source.kind === "expression");
}

/** Whether rows of JSON that a schema gives may be written as a whole: then the order of their keys counts. */
export function keepsOrder({ transform, proof }: ProvenCode, { input }: RunSetup): boolean {
  return hasKeys(input) && handsOnWhole(transform, proof);
}

function handsOnWhole({ schema }: LoadedTransform, proof: Proof | undefined): boolean {
  return schema !== undefined && proof?.result?.kind !== "object";
}

/** The columns that code which passes rows on can look at. */
export function looksAt({ proof, filter }: ProvenCode): Reads {
  const byFilter = filter?.proof?.result?.kind === "row" ? filter.proof.looksAt : proofReads(filter?.proof);
  return unionOfReads([proof?.looksAt, filter === undefined ? new Set<string>() : byFilter]);
}

/** The columns that a run must decode: those that schema or function, filter and typed fields read. */
export function runReads({ transform, proof, filter }: ProvenCode, input: RunSetup["input"]): Reads {
  if (hasKeys(input) && (!input.traits.projects || handsOnWhole(transform, proof))) return undefined;
  const { schema } = transform;
  const byFunction = schema === undefined ? proofReads(proof) : schemaReads(schema);
  const byFilter = filter === undefined ? new Set<string>() : proofReads(filter.proof);
  const record = recordOf(transform);
  const byRecord = record === undefined ? [] : recordNames(record);
  return unionOfReads([byFunction, byFilter, new Set([...Object.keys(input.types), ...byRecord])]);
}

/** Whether fields may stand for null. */
function hasNulls({ nullTexts, dialect }: RunSetup["input"]): boolean {
  return nullTexts !== undefined || dialect.hasEscapes || dialect.emptyIsNull === true;
}

/** What the columns of the input are to the code of a run, and to its filter. */
export function runTyping(transform: LoadedTransform, setup: RunSetup): Typing {
  const { source, output } = setup;
  const typing = typingOfRows(transform, setup);
  // A filter alone changes no field of a table, whatever it reads it as.
  const isFilterAlone = source.kind === "expression" && source.expression === undefined;
  if (!isFilterAlone || output === undefined || !hasColumns(output.format)) return typing;
  return new Map([...typing].map(([name, column]) => [name, Object.assign(column, { keepsText: true })]));
}

function typingOfRows(transform: LoadedTransform, setup: RunSetup): Typing {
  const { columns, isRagged, dataTypes } = setup.input;
  const record = recordOf(transform);
  if (record === undefined || columns === undefined) return typingByUse(transform, setup, dataTypes);
  const own = new Set(recordNames(record));
  const others = Object.fromEntries(Object.entries(dataTypes).filter(([name]) => !own.has(name)));
  const typing = new Map(typingByUse(transform, setup, others));
  for (const column of recordColumns(record, columns, { mayLack: isRagged || hasNulls(setup.input) }))
    typing.set(column.name, column);
  return typing;
}

function typingByUse(
  { call, batch, reduce, schema, output, isPassedOn, window }: LoadedTransform,
  { source, input, filter, isProfiled }: RunSetup,
  dataTypes: DataTypes,
): Typing {
  const { columns, types } = input;
  // Rows that are looked at are looked at as texts, but for JSON, and a schema decides alone.
  const seen = Object.entries(dataTypes).filter(([, type]) => !isProfiled || type === "stated json");
  const byData = schema === undefined ? Object.fromEntries(seen) : {};
  // Uses do not matter to types that are given, but for null.
  const isGivenOnly = Object.keys(byData).length === 0 && (Object.keys(types).length === 0 || !hasNulls(input));
  if (columns === undefined || isGivenOnly) return typingOf({ types, dataTypes: byData, uses: new Map() });
  const uses: ColumnUses[] = [];
  if (filter !== undefined) uses.push(usesOfExpression(filter, columns));
  if (source.kind === "module") {
    if (!isPassedOn && batch === undefined) uses.push(functionUses(call));
    if (reduce !== undefined && isPassedOn) uses.push(functionUses(stepOf(reduce), 1));
    // As far as it is known which of what it gets is a row.
    if (window !== undefined && isPassedOn) uses.push(functionUses(window.parts.each, 1));
  } else if (source.kind === "expression" && source.expression !== undefined)
    uses.push(usesOfExpression(source.expression, columns));
  return typingOf({
    types,
    dataTypes: byData,
    uses: withWanted(unionOfUses(uses), reduce === undefined ? output : undefined),
  });
}

/** Uses, and the texts that a schema of results wants of columns with which the code does nothing of its own. */
function withWanted(uses: ColumnUses, output: LoadedTransform["output"]): ColumnUses {
  const wanted = [...(plainFields(output) ?? [])].filter(
    ([name, { number }]) => number === undefined && !uses.has(name),
  );
  return new Map([...uses, ...wanted.map(([name]) => [name, wantedAsText(`output.${name}`)] as const)]);
}

/** A transform that only reads rows as its functions want them. */
export function uncalled(transform: LoadedTransform): LoadedTransform {
  return {
    ...transform,
    call: () => undefined,
    batch: undefined,
    reduce: undefined,
    output: undefined,
    setup: undefined,
    teardown: undefined,
  };
}

/** What `--types` says of a column stands in place of what the source says. */
export function withGivenTypes(transform: LoadedTransform, types: RunSetup["input"]["types"]): LoadedTransform {
  const { record } = transform;
  if (record?.kind !== "used") return transform;
  const fields = record.type.fields.filter(({ name }) => !Object.hasOwn(types, name));
  return { ...transform, record: { ...record, type: { ...record.type, fields } } };
}

/** The type that the transform's source gives its rows, where there is one that can be used. */
function recordOf({ record }: LoadedTransform): RecordType | undefined {
  return record?.kind === "used" ? record.type : undefined;
}

export function recordPlan({ record }: LoadedTransform): CodePlan["record"] {
  if (record?.kind !== "used") return record && { name: record.name, place: record.place, why: record.why };
  const { name, place, fields } = record.type;
  return { name, place, fields: fields.map((field) => ({ name: field.name, type: shownShape(fieldShape(field)) })) };
}

/** The words by which a missing field shows in texts that the code makes. */
export function lostWordsOf({ call }: LoadedTransform, { source }: RunSetup): LostWords {
  if (source.kind === "expression") return lostWords(source.expression ?? "");
  if (source.path === LINKED_TRANSFORM) return lostWords(String(call));
  try {
    return lostWords(readFileSync(source.at, "utf8"));
  } catch {
    // It was there a moment ago; that it changes is said elsewhere.
    return [];
  }
}

/** How the fields of rows are typed that are objects of their own. */
export function typedFields(
  { transform, proof, filter, typing, lostWords: words }: ProvenCode,
  setup: RunSetup,
  { isFolded }: { isFolded: boolean },
): Pick<RowFunctionSetup, "typed" | "typesFilterOnly"> {
  const { output } = setup;
  const isGrouped = setup.grouping !== undefined;
  const passesOn = isGrouped && passesOnToGroups(setup);
  const isText = output !== undefined && writerOf(output.format).traits.values === "text";
  // Where texts are written, fields that nobody looks at stay texts; elsewhere a number is written as one.
  const byFilter = filter === undefined ? new Set<string>() : filter.proof?.looksAt;
  // A window in code may look at all of a row.
  const isOfWindow = setup.steps.some(({ stage }) => stage === CODE_WINDOW);
  const looked = isOfWindow ? undefined : passesOn ? byFilter : unionOfReads([proof?.looksAt, byFilter]);
  const isRead = (name: string): boolean =>
    (!isText && !isGrouped) ||
    // It looks at all of a result, and says what it wants.
    plainFields(transform.output) !== undefined ||
    looked === undefined ||
    looked.has(name) ||
    (!isFolded && isSortedBy(name, { transform, proof }, setup));
  const used = new Map([...typing].filter(([name, { isGiven }]) => isGiven || isRead(name)));
  if (used.size === 0) return { typed: undefined, typesFilterOnly: false };
  const handsOn = (!isFolded || isGrouped) && transform.schema === undefined;
  return {
    typed: typedRows(used, {
      isText: setup.input.traits.values === "text",
      mayLack: (name) => setup.input.isRagged && (looked === undefined || looked.has(name)),
      handingOn: handsOn
        ? {
            result: proof?.result,
            as: isGrouped ? "text" : "field",
            marksMissing: isGrouped || isOfWindow || !isText || output?.dialect.nullText !== "",
            keepsJson: (name) => isText && looked?.has(name) === false,
          }
        : undefined,
      lostWords: words,
      looksAt: looked,
    }),
    typesFilterOnly: passesOn,
  };
}

/**
 * The steps of a run, in which rows are sorted by the numbers of a column of numbers that is text, for the code uses it as
 * one, or some fields are `NA` or `1e5`, where the code hands it on.
 */
export function sortedByData(
  { transform, typing }: Pick<ProvenCode, "transform" | "typing">,
  setup: RunSetup,
): RunSetup["steps"] {
  const { types, dataTypes } = setup.input;
  const isNumbers = (column: string): boolean => {
    const type = dataTypes[column];
    return (
      type === "number" ||
      type === "whole" ||
      type === "stated number" ||
      (typeof type === "object" && type.looksLike === "numbers")
    );
  };
  const isTextByUse = (column: string): boolean =>
    isNumbers(column) && !typing.has(column) && !Object.hasOwn(types, column);
  if (transform.schema !== undefined || !setup.steps.some((step) => step.isSorted && step.columns.some(isTextByUse)))
    return setup.steps;
  const result = transform.isPassedOn ? ({ kind: "row" } as const) : proofOf(transform, undefined, setup)?.result;
  const isHandedOn = (column: string): boolean => {
    if (result?.kind !== "object") return result?.kind === "row";
    const source = result.fields.get(column);
    return source?.kind === "carried" && source.column === column;
  };
  const asNumber = (key: string): string => {
    const { column, as } = sortKey(key);
    return as === undefined && isTextByUse(column) && isHandedOn(column) ? `${key}:num` : key;
  };
  return setup.steps.map((step) => (step.isSorted ? { ...step, asked: step.asked.map(asNumber) } : step));
}

/** Whether rows may be put in an order by what this column holds: of a function's results, any may be the key. */
function isSortedBy(
  name: string,
  { transform, proof }: Pick<ProvenCode, "transform" | "proof">,
  setup: RunSetup,
): boolean {
  const sorted = setup.steps.filter(({ isSorted }) => isSorted);
  if (sorted.length === 0) return false;
  const isWhole = transform.isPassedOn || proof?.result?.kind === "row";
  return !isWhole || sorted.some(({ columns }) => columns.includes(name));
}
