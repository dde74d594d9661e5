const tried = new Set<string>();
export const options = { state: "per-worker" };
export default ({ id }: { id: string }, ctx: { emit(name: string, row: object): void }) => {
  ctx.emit("seen", { id });
  if (id === "2" && !tried.has(id)) {
    tried.add(id);
    throw new Error("not at the first time");
  }
  return { id };
};
