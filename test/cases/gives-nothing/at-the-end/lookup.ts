const names = new Map([["Nobody", { name: "x" }]]);
export default ({ name }: any) => names.get(name);
