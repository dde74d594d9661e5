/** zod/v4/core, as `zod.ts` is zod. */
export * from "zod/v4/core";
