/** zod/mini, as `zod.ts` is zod. */
export * from "zod/mini";
