export const options = { sortBy: ["-id"], cumsum: ["id"], tail: 2 };
export default ({ id, k }: { id: number; k: string }) => ({ id, k });
