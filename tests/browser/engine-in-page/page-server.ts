/** Bundles test pages and serves them on the loopback address, isolated or not. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface PageServer {
  /** The address of a page: isolated, or without the headers that isolate it. */
  addressOf(page: string, isolation?: "isolated" | "shared"): string;
  /** Bytes of a page's script. */
  readonly scriptBytes: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Serves the pages of these entry files, by their names without ".ts". */
export async function servePages(entries: readonly string[]): Promise<PageServer> {
  const result = await build({
    entryPoints: entries.map((entry) => fileURLToPath(new URL(entry, import.meta.url))),
    outdir: "/",
    write: false,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2024",
    minify: true,
    logLevel: "silent",
  });
  const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
  const scripts = new Map(result.outputFiles.map(({ path, contents }) => [nameOf(path), contents]));
  const server: Server = createServer((request, response) => {
    const [, isolation, file = ""] = (request.url ?? "").split("/");
    if (isolation === "isolated") {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    const script = scripts.get(file);
    response.setHeader("Content-Type", script === undefined ? "text/html" : "text/javascript");
    response.end(script ?? `<!doctype html><script type="module" src="${file}.js"></script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    addressOf: (page, isolation = "isolated") => `http://127.0.0.1:${port}/${isolation}/${page}`,
    scriptBytes: Object.fromEntries([...scripts].map(([name, { length }]) => [name, length])),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
