/**
 * A run in a page: bundles the game's main file for a browser with page.ts in the place of the launcher, serves it on the
 * loopback address, and lets an installed browser of the Chromium family open it without a window. The page posts what it
 * saw; the browser is ended and its profile removed, whatever happens.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { type Fault, faultOf, faultText, makeFault } from "../../engine/base/faults.ts";
import { browserPlaces, thisDesktop } from "../host/browser.ts";
import { packagedProgram } from "../host/program.ts";
import { entryUrl } from "../host/project.ts";
import { bundled } from "../package/bundle.ts";
import type { RunResult } from "./results.ts";
import { decodeTestimony } from "./testimony-codec.ts";
import type { WitnessOrder } from "./witness-run.ts";

/** After so long without a word the page is given up. */
const silenceMillis = 90_000;

/** Makes one run. Never rejects. */
export async function pageRun(
  order: WitnessOrder,
  signal: AbortSignal,
  onProgress: (tick: number) => void,
): Promise<RunResult> {
  if (packagedProgram() !== undefined)
    return { kind: "missing", why: "an executable has no sources to bundle for a page" };
  const command = await installedBrowser();
  if (command === undefined) return { kind: "missing", why: "no browser of the Chromium family is installed" };
  try {
    return await runIn(command, await bundlePage(), order, signal, onProgress);
  } catch (thrown) {
    return { kind: "missing", why: `the game cannot be bundled for a page: ${faultText(faultOf(thrown))}` };
  }
}

async function installedBrowser(): Promise<string | undefined> {
  for (const command of browserPlaces(thisDesktop())) {
    const isThere = await access(command, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return command;
  }
  return undefined;
}

/** The page's script: everything of the main file but the launcher, and nothing of Node. */
async function bundlePage(): Promise<Uint8Array> {
  const { build } = await import("esbuild");
  const entry = fileURLToPath(entryUrl());
  const launcher = fileURLToPath(new URL("../launch.ts", import.meta.url));
  const page = fileURLToPath(new URL("page.ts", import.meta.url));
  const inPage: Plugin = {
    name: "in-page",
    setup(builder) {
      builder.onResolve({ filter: /launch(\.ts)?$/ }, async ({ path, pluginData, ...rest }) => {
        if (pluginData === "asked") return undefined;
        const found = await builder.resolve(path, { ...rest, pluginData: "asked" });
        return found.path === launcher ? { path: page } : found;
      });
      // What of Node a main file names is not called in a page; where it is, that is told as what it is.
      builder.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "nowhere" }));
      builder.onLoad({ filter: /.*/, namespace: "nowhere" }, () => ({ contents: "module.exports = {};" }));
    },
  };
  const result = await bundled(entry, () =>
    build({
      ...{ entryPoints: [entry], write: false, bundle: true, format: "esm", platform: "browser", target: "es2024" },
      define: { "process.env": "{}" },
      ...{ plugins: [inPage], logLevel: "silent" },
    }),
  );
  return result.outputFiles[0]!.contents;
}

type Hear = (what: string, body: Buffer) => void;

/** Tells the server what goes wrong before or beside the run. */
const pageText = `<!doctype html><script>
for (const kind of ["error", "unhandledrejection"])
  addEventListener(kind, (event) =>
    fetch("broken", { method: "POST", body: String(event.message ?? event.reason) }));
</script><script type="module" src="page.js"></script>`;

async function runIn(
  command: string,
  script: Uint8Array,
  order: WitnessOrder,
  signal: AbortSignal,
  onProgress: (tick: number) => void,
): Promise<RunResult> {
  const ended = Promise.withResolvers<RunResult>();
  const fail = (fault: Fault): void => ended.resolve({ kind: "faulted", fault });
  const failed = (problem: string): void => fail(makeFault("child-run-failed", { mode: "browser", problem }));
  let elapsedMillis = 0;
  let hasBegun = false;
  let silence = setTimeout(() => {}, 0);
  const hear: Hear = (what, body) => {
    clearTimeout(silence);
    silence = setTimeout(() => failed(`it said nothing for ${silenceMillis / 1_000} s`), silenceMillis);
    if (what === "progress") {
      hasBegun = true;
      onProgress(Number(body.toString()));
    } else if (what === "elapsed") elapsedMillis = Number(body.toString());
    else if (what === "fault") fail(JSON.parse(body.toString()) as Fault);
    else if (what === "broken" && hasBegun) failed(body.toString());
    else if (what === "broken")
      ended.resolve({ kind: "missing", why: `the game does not load in a page: ${body.toString()}` });
    else if (what === "testimony")
      ended.resolve({ kind: "ended", testimony: decodeTestimony(body), elapsedMillis, detail: "" });
  };
  const token = randomUUID();
  const server = await serve(token, script, JSON.stringify(order), hear);
  const folder = await mkdtemp(join(tmpdir(), "orrery-page-"));
  const { port } = server.address() as AddressInfo;
  const child = spawn(
    command,
    [
      "--headless=new",
      `--user-data-dir=${folder}`,
      ...["--no-first-run", "--no-default-browser-check", "--disable-sync", "--disable-background-networking"],
      ...["--disable-gpu", "--disable-dev-shm-usage", "--mute-audio"],
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      `http://127.0.0.1:${port}/${token}/`,
    ],
    { stdio: "ignore" },
  );
  const gone = new Promise<void>((resolve) => {
    child.once("error", ({ message }) => {
      failed(message);
      resolve();
    });
    child.once("exit", (code) => {
      failed(`the browser exited with code ${code}`);
      resolve();
    });
  });
  const abort = (): void => failed("it was stopped");
  signal.addEventListener("abort", abort);
  hear("", Buffer.alloc(0));
  try {
    return await ended.promise;
  } finally {
    clearTimeout(silence);
    signal.removeEventListener("abort", abort);
    child.kill();
    await gone;
    server.closeAllConnections();
    server.close();
    // Its helper processes may write for a moment longer.
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }).catch(() => {});
  }
}

/** Serves the page below a path that nobody can guess. A page has shared memory only with these two headers. */
async function serve(token: string, script: Uint8Array, order: string, hear: Hear): Promise<Server> {
  const server = createServer(async (request, response) => {
    const [, given, what = ""] = (request.url ?? "").split("/");
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    if (given !== token) {
      response.writeHead(404).end();
      return;
    }
    if (request.method === "POST") {
      const body = await bodyOf(request);
      response.end();
      hear(what, body);
      return;
    }
    const [type, content] =
      what === "page.js"
        ? ["text/javascript", script]
        : what === "order"
          ? ["application/json", order]
          : ["text/html", pageText];
    response.writeHead(what === "favicon.ico" ? 404 : 200, { "Content-Type": type as string }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
