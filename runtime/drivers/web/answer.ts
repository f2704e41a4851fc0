/**
 * Answers the web driver's HTTP requests: the page, its files and streamed resources, nothing else. Everything is served
 * from memory with headers that keep the page alone: no caching, no framing, no foreign content, and
 * cross-origin isolation so that SharedArrayBuffer works in it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Gate, Refusal } from "./gate.ts";

export interface ServedFile {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The path of its source map, if it has one. */
  readonly sourceMapPath?: string;
}

export const securityHeaders: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** The address of a request, or undefined when it is not a path of this server. */
export function requestUrl(request: IncomingMessage): URL | undefined {
  const path = request.url ?? "";
  return path.startsWith("/") ? (URL.parse(`http://127.0.0.1${path}`) ?? undefined) : undefined;
}

/** Finds a file by the path of its address. */
export type FindFile = (path: string) => ServedFile | undefined;

/** Answers one request with what `find` finds. */
export function answerRequest(request: IncomingMessage, response: ServerResponse, gate: Gate, find: FindFile): void {
  const headOnly = request.method === "HEAD";
  const found = findFile(request, gate, find);
  if ("status" in found) {
    if (found.status === 405) response.setHeader("Allow", "GET, HEAD");
    const bytes = new TextEncoder().encode(`${found.text}\n`);
    respond(response, found.status, "text/plain; charset=utf-8", bytes, headOnly);
    return;
  }
  if (found.sourceMapPath !== undefined) response.setHeader("SourceMap", `${found.sourceMapPath}?token=${gate.token}`);
  respond(response, 200, found.type, found.bytes, headOnly);
}

/** The file that a request asks for, or why it gets none. */
function findFile(request: IncomingMessage, gate: Gate, find: FindFile): ServedFile | Refusal {
  const url = requestUrl(request);
  if (url === undefined) return { status: 400, text: "The address cannot be read." };
  if (request.method !== "GET" && request.method !== "HEAD")
    return { status: 405, text: "Only GET and HEAD are answered." };
  return gate.refusal(request, url) ?? find(url.pathname) ?? { status: 404, text: "There is nothing at this address." };
}

function respond(response: ServerResponse, status: number, type: string, bytes: Uint8Array, headOnly: boolean): void {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  response.setHeader("Content-Type", type);
  response.setHeader("Content-Length", bytes.byteLength);
  response.writeHead(status);
  response.end(headOnly ? undefined : bytes);
}
