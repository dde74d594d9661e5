export default async (r: any) => [r.id, r.id].map(async (id) => ({ id }));
