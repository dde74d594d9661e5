const list: string[] = [];
export default async ({ id }: { id: string }): Promise<object> => {
  list.length = 0;
  list.push(id);
  await Bun.sleep(5);
  list.push(`x${id}`);
  return { id, list };
};
