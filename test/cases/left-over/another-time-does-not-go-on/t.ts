export default async ({ id }: { id: string }) => {
  await Bun.sleep(20);
  if (id === "9" && process.env["KILL"]) process.kill(process.pid, "SIGKILL");
  return { id };
};
