/** The web driver's HTTP side, asked with raw requests: what it serves, and to whom it does not. */
import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWebDriver } from "../../../runtime/drivers/web/driver.ts";
import { emptyPage, makeHost, scene } from "./fixtures.ts";

const driver = createWebDriver({ port: 0, strictPort: true, page: emptyPage, token: "a-token" });
let port = 0;
const askedResources: [number, number][] = [];
beforeAll(async () => {
  await driver.open(scene, {
    ...makeHost(),
    resource(number, version) {
      askedResources.push([number, version]);
      // Published bytes lie in shared memory.
      const bytes = new Uint8Array(new SharedArrayBuffer(5));
      bytes.set(new TextEncoder().encode("bytes"));
      return number === 2 && version === 7 ? bytes : undefined;
    },
  });
  port = Number(new URL(driver.url).port);
});
afterAll(() => driver.close());

interface Answer {
  readonly status: number;
  readonly headers: import("node:http").IncomingHttpHeaders;
  readonly body: string;
}

function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        body += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on("upgrade", (response, stream) => {
      stream.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: "" });
    });
    asked.on("error", reject);
    asked.end();
  });
}

describe("pages", () => {
  test.each([
    ["/", "text/html; charset=utf-8"],
    ["/main.js", "text/javascript; charset=utf-8"],
    ["/page.css", "text/css; charset=utf-8"],
    ["/main.js.map", "application/json"],
  ])("%s is served with the token, and only with it", async (path, type) => {
    const answer = await ask(`${path}?token=a-token`);
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": type } });
    for (const wrong of ["", "?token=", "?token=a-toke", "?token=a-tokens", "?token=A-TOKEN", "?Token=a-token"])
      expect((await ask(path + wrong)).status).toBe(403);
  });

  test("a streamed resource is served in the version that the host has, with the token", async () => {
    const path = "/resource/2/7";
    expect((await ask(path)).status).toBe(403);
    expect(askedResources).toEqual([]);
    expect(await ask(`${path}?token=a-token`)).toMatchObject({
      status: 200,
      headers: { "content-type": "application/octet-stream", "content-length": "5", "cache-control": "no-store" },
      body: "bytes",
    });
    for (const other of [
      "/resource/2/8",
      "/resource/3/7",
      "/resource/2",
      "/resource/2/-7",
      "/resource/2/7/",
      "/resource/a/7",
    ])
      expect((await ask(`${other}?token=a-token`)).status).toBe(404);
    expect(askedResources).toEqual([
      [2, 7],
      [2, 8],
      [3, 7],
    ]);
  });

  test("the markup is filled in and escaped", async () => {
    const { body } = await ask("/?token=a-token");
    expect(body).toContain("<title>Fixture &#60;Yard&#62;</title>");
    expect(body).toContain("main.js?token=a-token");
    expect(body).not.toContain("{{");
  });

  test("headers isolate the page and forbid caching and foreign content", async () => {
    const { headers } = await ask("/?token=a-token");
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self';/);
  });

  test("HEAD has no body, other methods and unknown paths are refused", async () => {
    expect(await ask("/?token=a-token", { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
      expect((await ask("/?token=a-token", { method })).status).toBe(405);
    for (const path of ["/nothing", "/../package.json", "/%2e%2e/page.html", "//main.js", "/main.js/"])
      expect((await ask(`${path}?token=a-token`)).status).toBe(404);
    for (const target of ["http://evil.example/?token=a-token", "*"]) expect((await ask(target)).status).toBe(400);
  });

  test.each(["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:80"])(
    "a request that names the host %j is refused",
    async (host) => {
      expect((await ask("/?token=a-token", { headers: { host } })).status).toBe(403);
    },
  );

  test("a request of another origin is refused, one of this origin is not", async () => {
    const from = (origin: string) => ask("/?token=a-token", { headers: { origin } });
    expect((await from("https://evil.example")).status).toBe(403);
    expect((await from("null")).status).toBe(403);
    expect((await from(`http://localhost:${port}`)).status).toBe(200);
  });
});

describe("sockets", () => {
  const upgrade = (path: string, headers: Record<string, string>) =>
    ask(path, {
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        ...headers,
      },
    });

  test("a socket needs path, token, host and origin", async () => {
    const origin = `http://127.0.0.1:${port}`;
    const status = async (path: string, headers: Record<string, string>): Promise<number> =>
      (await upgrade(path, headers)).status;
    expect(await status("/socket?token=a-token", { origin })).toBe(101);
    expect(await status("/socket?token=a-token", { origin: `http://localhost:${port}` })).toBe(101);
    expect(await status("/other?token=a-token", { origin })).toBe(404);
    expect(await status("/socket?token=wrong", { origin })).toBe(403);
    expect(await status("/socket", { origin })).toBe(403);
    expect(await status("/socket?token=a-token", {})).toBe(403);
    expect(await status("/socket?token=a-token", { origin: "https://evil.example" })).toBe(403);
    expect(await status("/socket?token=a-token", { origin: `https://127.0.0.1:${port}` })).toBe(403);
    expect(await status("/socket?token=a-token", { origin, host: "evil.example" })).toBe(403);
  });
});

test("a refused upgrade whose asker keeps its half open does not keep the driver open", async () => {
  const own = createWebDriver({ port: 0, strictPort: true, page: emptyPage, token: "a-token" });
  await own.open(scene, makeHost());
  const { port: ownPort } = new URL(own.url);
  const socket = connect({ host: "127.0.0.1", port: Number(ownPort), allowHalfOpen: true });
  const head = [
    "GET /socket?token=wrong HTTP/1.1",
    `Host: 127.0.0.1:${ownPort}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
  ];
  socket.write(
    `${[...head, "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="].join("\r\n")}\r\n\r\n`,
  );
  const answer = await new Promise<string>((resolve) =>
    socket.once("data", (bytes: Buffer) => resolve(bytes.toString())),
  );
  expect(answer).toContain("403");
  await own.close();
  socket.destroy();
});
