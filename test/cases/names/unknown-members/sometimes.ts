export default (row, ctx) => (ctx.args.kind === "old" ? { n: row.nmae } : { n: row.name });
