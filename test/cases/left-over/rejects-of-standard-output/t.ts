export default ({ id }: { id: string }) => {
  if (id === "3" && process.env["KILL"]) process.kill(process.pid, "SIGKILL");
  if (id === "2") throw new Error("no two");
  return { id };
};
