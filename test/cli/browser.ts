/** A real Chromium without a screen, by its own protocol: https://chromedevtools.github.io/devtools-protocol/. */

/** Undefined where there is none. */
export const CHROMIUM: string | undefined =
  Bun.which("chromium") ?? Bun.which("chromium-browser") ?? Bun.which("google-chrome") ?? undefined;

export interface Browser extends AsyncDisposable {
  /** What was said on the console, and errors. */
  readonly said: string[];
  /** What was asked for. */
  readonly loaded: string[];
  /** Opens a page in a window of this width. */
  open: (url: string, window: { width: number; scheme: "light" | "dark" }) => Promise<void>;
  evaluate: (expression: string) => Promise<unknown>;
  /** Asks for anything of the protocol. */
  send: (method: string, params?: object) => Promise<Record<string, unknown>>;
  /** The open page as a PDF, on paper of A4. */
  print: () => Promise<Buffer>;
}

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** @param profile A folder for what it keeps. */
export async function openBrowser(profile: string): Promise<Browser> {
  const child = Bun.spawn(
    [
      CHROMIUM ?? "chromium",
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    { stdin: "ignore", stdout: "ignore", stderr: "pipe" },
  );
  const port = await portOf(child.stderr);
  const pages = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const page = pages.find(({ type }) => type === "page");
  if (page === undefined) throw new Error("Chromium has no page");
  const socket = new WebSocket(page.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  const said: string[] = [];
  const loaded: string[] = [];
  let onLoad: (() => void) | undefined;
  let sent = 0;
  socket.addEventListener("message", ({ data }) => {
    const { id, method, params = {}, result = {}, error } = JSON.parse(String(data)) as Message;
    if (id !== undefined) {
      if (error === undefined) waiting.get(id)?.resolve(result);
      else waiting.get(id)?.reject(new Error(error.message));
      waiting.delete(id);
    } else if (method === "Page.loadEventFired") onLoad?.();
    else if (method === "Network.requestWillBeSent") loaded.push((params["request"] as { url: string }).url);
    else if (
      method === "Log.entryAdded" ||
      method === "Runtime.exceptionThrown" ||
      method === "Runtime.consoleAPICalled"
    )
      said.push(JSON.stringify(params));
  });
  const send = async (method: string, params: object = {}): Promise<Record<string, unknown>> => {
    const id = ++sent;
    const answer = Promise.withResolvers<Record<string, unknown>>();
    waiting.set(id, answer);
    socket.send(JSON.stringify({ id, method, params }));
    return await answer.promise;
  };
  for (const domain of ["Page", "Network", "Log", "Runtime"]) await send(`${domain}.enable`);
  await send("Network.emulateNetworkConditions", {
    offline: true,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  return {
    said,
    loaded,
    send,
    open: async (url, { width, scheme }) => {
      await send("Emulation.setDeviceMetricsOverride", {
        width,
        height: 900,
        deviceScaleFactor: 1,
        mobile: width < 600,
      });
      await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
      const load = new Promise<void>((resolve) => (onLoad = resolve));
      await send("Page.navigate", { url });
      await load;
    },
    evaluate: async (expression) => {
      const { result } = await send("Runtime.evaluate", { expression, returnByValue: true });
      return (result as { value: unknown }).value;
    },
    print: async () => {
      const [paperWidth, paperHeight] = [210 / 25.4, 297 / 25.4];
      const { data } = await send("Page.printToPDF", { paperWidth, paperHeight, printBackground: true });
      return Buffer.from(String(data), "base64");
    },
    [Symbol.asyncDispose]: async () => {
      socket.close();
      child.kill();
      await child.exited;
    },
  };
}

/** It says where it listens. */
async function portOf(stderr: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of stderr) {
    text += decoder.decode(bytes, { stream: true });
    const [, port] = /DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(text) ?? [];
    if (port !== undefined) return port;
  }
  throw new Error(`Chromium has not started: ${text}`);
}
