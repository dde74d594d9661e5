const load = async (id: string) => id;
export default (r: any) => ({ id: r.id, found: [{ at: load(r.id) }] });
