export default (r: any) => ({ id: r.id, v: r.id === "2" ? Promise.resolve(5) : 5 });
