/** `play` by command, with a browser that is a socket: it serves, takes players, and outlives them. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { readPacket } from "../../engine/render/packet.ts";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import { encodeMessage, socketPath } from "../../runtime/drivers/web/protocol.ts";
import {
  type CommandOptions,
  command,
  faultIdOf,
  journalSoFar,
  jsonOf,
  messageOf,
  newPath,
  RunningCommand,
} from "./command.ts";

interface Game {
  readonly world: RunningCommand;
  readonly url: URL;
  readonly path: string;
}

/** Starts a game on any free port, without a window. */
async function play(args: readonly string[] = ["--port", "0"], options?: CommandOptions): Promise<Game> {
  const path = newPath("play.orj");
  const world = new RunningCommand(["play", "--no-open", "--record", path, ...args], options);
  const [, url] = await world.printed(/plays at (http:\/\/\S+)\n/);
  return { world, url: new URL(url!), path };
}

/** Interrupts a game and gives its journal, which must verify. */
async function end({ world, path }: Game, options?: CommandOptions): Promise<Journal> {
  world.signal("SIGINT");
  const result = await world.finished;
  expect(result, result.stderr).toMatchObject({ code: 130, signal: null });
  const journal = readJournal(readFileSync(path), path);
  expect(journal.end).toMatchObject({ reason: "stopped", tick: journal.ticks.length });
  const verified = await command(["replay", "verify", path], options);
  expect(verified.code, verified.stderr).toBe(0);
  return journal;
}

interface Page {
  readonly socket: WebSocket;
  readonly ticks: readonly number[];
}

/** Loads the page as a browser does, takes a seat and waits for packets: the first few may be of ticks before it came. */
async function join(url: URL, name: string): Promise<Page> {
  const html = await (await fetch(url)).text();
  const build = /name="orrery-build" content="([^"]+)"/.exec(html)?.[1] ?? "";
  const token = url.searchParams.get("token") ?? "";
  const socket = new WebSocket(`ws://${url.host}${socketPath}?token=${token}`, { origin: url.origin });
  const ticks: number[] = [];
  socket.on("message", (data: Buffer, isBinary) => {
    const packet = isBinary ? readPacket(Uint8Array.from(data)) : undefined;
    if (packet !== undefined) ticks.push(packet.header.tick);
  });
  await once(socket, "open");
  socket.send(encodeMessage({ type: "hello", build, name, session: "" }));
  while (ticks.length < 6) await once(socket, "message");
  return { socket, ticks };
}

/** The kinds of records of one player, in order. */
function recordsOf(journal: Journal, player: number): string[] {
  return journal.ticks.flatMap(({ records }) =>
    records.filter((record) => "player" in record && record.player === player).map(({ kind }) => kind),
  );
}

describe("a game in a browser", () => {
  test("prints its address, serves the page to whoever has the token, and ends at an interrupt", async () => {
    const game = await play();
    const page = await fetch(game.url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("<title>Tumble");
    expect((await fetch(new URL("/", game.url))).status).toBe(403);
    const { socket, ticks } = await join(game.url, "ada");
    expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));
    const closed = once(socket, "close");
    const journal = await end(game);
    await closed;
    expect(recordsOf(journal, 1)[0]).toBe("join");
    expect(messageOf({ ...(await game.world.finished) })).toMatch(
      /\n\d+ ticks, hash [0-9a-f]{16}, \d+ ticks? dropped$/,
    );
  });

  test("goes on when a browser vanishes, gives its seat up, and takes the next one", async () => {
    const game = await play();
    const first = await join(game.url, "ada");
    const second = await join(game.url, "bob");
    first.socket.terminate();
    const seen = second.ticks.length;
    while (second.ticks.length < seen + 30) await once(second.socket, "message");
    // The seat is kept for some seconds, in case the browser comes back; then the player leaves.
    await game.world.until(() => {
      const journal = journalSoFar(game.path);
      return journal !== undefined && recordsOf(journal, 1).includes("leave");
    });
    const third = await join(game.url, "cy");
    await game.world.until(() => {
      const journal = journalSoFar(game.path);
      return journal !== undefined && recordsOf(journal, 1).filter((kind) => kind === "join").length === 2;
    });
    expect(second.socket.readyState).toBe(WebSocket.OPEN);
    third.socket.terminate();
    const journal = await end(game);
    expect(recordsOf(journal, 1).filter((kind) => kind !== "button" && kind !== "axis")).toEqual([
      "join",
      "leave",
      "join",
    ]);
    expect(recordsOf(journal, 2)).toContain("join");
    expect(recordsOf(journal, 2)).not.toContain("leave");
  });

  test("tells a page of the world's fault, and ends with it", async () => {
    const world = new RunningCommand(["play", "--no-open", "--port", "0"], { variant: "throws" });
    const [, url] = await world.printed(/plays at (http:\/\/\S+)\n/);
    const { socket } = await join(new URL(url!), "ada");
    const texts: string[] = [];
    socket.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) texts.push(data.toString());
    });
    await once(socket, "close");
    const fault = texts.map((text) => JSON.parse(text) as { type: string; id?: string }).find(({ id }) => id);
    expect(fault).toMatchObject({ type: "fault", id: "E0303" });
    const result = await world.finished;
    expect(result.code).toBe(1);
    expect(messageOf(result)).toContain("the belt slipped");
  });

  test("is Scrapyard as well", async () => {
    const options = { main: "scrapyard" } as const;
    const game = await play(["--port", "0", "--seed", "3", "--set", "bots=2"], options);
    const { ticks } = await join(game.url, "ada");
    expect(ticks.length).toBeGreaterThan(0);
    const journal = await end(game, options);
    expect(journal.header).toMatchObject({ seed: 3, program: { game: "scrapyard" } });
    expect(journal.ticks[0]!.records).toContainEqual({ kind: "config", setting: expect.any(Number), value: 2 });
    expect(recordsOf(journal, 1)).toContain("join");
  });
});

describe("a port that is taken", () => {
  async function taken<T>(use: (port: number) => Promise<T>): Promise<T> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      return await use((server.address() as AddressInfo).port);
    } finally {
      server.close();
    }
  }

  test("is refused with --strict-port, and who has it is told", () =>
    taken(async (port) => {
      const args = ["play", "--no-open", "--port", String(port), "--strict-port"];
      const result = await command(args);
      expect(result).toMatchObject({ code: 1, stdout: "" });
      expect(messageOf(result).split("\n")).toEqual([
        expect.stringMatching(new RegExp(`^E0604 Port ${port} is in use by .*${process.pid}.*\\.$`)),
        "      Choose another with --port; without --strict-port the next free one is taken.",
      ]);
      expect(faultIdOf(await command([...args, "--json"]))).toBe("E0604");
    }));

  test("leaves the journal that was there alone, when the game cannot start", () =>
    taken(async (port) => {
      const game = await play();
      const page = await join(game.url, "Ada");
      await end(game);
      page.socket.close();
      const before = readFileSync(game.path);
      const args = ["play", "--no-open", "--port", String(port), "--strict-port", "--record", game.path];
      expect((await command(args)).code).toBe(1);
      expect(readFileSync(game.path).equals(before)).toBe(true);
    }));

  test("gives way to the next free one, and that is told beside the result", () =>
    taken(async (port) => {
      const world = new RunningCommand(["play", "--no-open", "--port", String(port), "--json"]);
      await world.printed(/\}\n/);
      const value = jsonOf({ code: 0, signal: null, stdout: world.stdout, stderr: "" });
      const found = Number(new URL(String(value["url"])).port);
      expect(found).toBeGreaterThan(port);
      expect(found).toBeLessThanOrEqual(port + 20);
      world.signal("SIGINT");
      const result = await world.finished;
      expect(result.code).toBe(130);
      expect(jsonOf(result)).toEqual(value);
      expect(messageOf({ ...result, stderr: result.stderr })).toContain(`E0604 Port ${port} is in use by`);
    }));
});

test("a game without a view cannot be played, but run", async () => {
  const result = await command(["play", "--no-open", "--json"], { variant: "blind" });
  expect([result.code, faultIdOf(result)]).toEqual([1, "E0607"]);
  expect((await command(["run", "--ticks", "3"], { variant: "blind" })).code).toBe(0);
});
