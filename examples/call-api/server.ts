// Stands in for the service: the first call for each country is answered with 503. Prints its port.
const CAPITALS: Record<string, string> = { NO: "Oslo", IT: "Rome", JP: "Tokyo" };
const called = new Set<string>();

const server = Bun.serve({
  port: 0,
  fetch(request: Request) {
    const code = new URL(request.url).pathname.split("/").at(-1) ?? "";
    if (!called.has(code)) {
      called.add(code);
      return new Response("busy", { status: 503 });
    }
    const capital = CAPITALS[code];
    return capital === undefined ? new Response("unknown", { status: 404 }) : Response.json({ capital });
  },
});
console.log(server.port);
