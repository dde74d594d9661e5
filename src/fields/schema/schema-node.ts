/** Which library a schema is of, and so how it tells of itself. */
import type { StandardSchema } from "../standard-schema.ts";
import { jsonSchemaNode } from "./json-schema-node.ts";
import { type SchemaNode, textForm } from "./node.ts";
import { isValibot, valibotNode } from "./valibot-node.ts";
import { zodDef, zodNode } from "./zod-node.ts";

export function schemaNode(schema: StandardSchema): SchemaNode {
  if (zodDef(schema) !== undefined) return zodNode(schema);
  if (isValibot(schema)) return valibotNode(schema);
  return jsonSchemaNode(schema) ?? { form: textForm(), accepts: () => undefined };
}

/** Whether the fields of an object stand in the order in which they were written: ArkType sorts those of its JSON Schema. */
export function tellsOrder(schema: StandardSchema): boolean {
  return zodDef(schema) !== undefined || isValibot(schema);
}
