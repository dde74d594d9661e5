export default async ({ id }: { id: string }) => {
  await Bun.sleep(20);
  if (id === "9") process.kill(process.pid, "SIGINT");
  await Bun.sleep(id === "9" ? 300 : 0);
  return { id };
};
