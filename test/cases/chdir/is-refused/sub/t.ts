process.chdir(import.meta.dir);
export default (r: any) => ({ ...r, seen: 1 });
