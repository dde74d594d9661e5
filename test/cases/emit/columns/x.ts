export default ({ id }: { id: string }, ctx: { emit(name: string, row: object): void }) => {
  if (id === "1") ctx.emit("a", { id, name: "one, two" });
  if (id === "2") ctx.emit("a", { name: "", id });
  if (id === "3") ctx.emit("a", { id });
  if (id === "4") ctx.emit("a", { id, more: [1] });
  return { id };
};
