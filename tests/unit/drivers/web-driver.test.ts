/**
 * The web driver over real sockets: seats, messages that are refused, slow and vanished readers, ports
 * in use, pages that come back.
 */
import { createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { FaultError, faultId, makeFault } from "../../../engine/base/faults.ts";
import type { WorldRecord } from "../../../engine/input/record.ts";
import { createWebDriver, type WebDriver, type WebDriverOptions } from "../../../runtime/drivers/web/driver.ts";
import { describeDriverContract, encodeAll } from "./contract.ts";
import { emptyPage, type ManualClock, makeClock, makeHost, makePacket, type RecordingHost, scene } from "./fixtures.ts";
import { PageClient } from "./page-client.ts";

describeDriverContract("web", () => {
  const driver = createWebDriver({ port: 0, strictPort: true, page: emptyPage });
  const clients: PageClient[] = [];
  return {
    driver,
    async arrive(name) {
      clients.push(await PageClient.join(driver, name));
    },
    async send(recordBytes) {
      clients[0]!.socket.send(recordBytes);
      await clients[0]!.settle();
    },
    async consumed() {
      await clients[0]!.until(() => clients[0]!.packets.length > 0);
      return clients[0]!.lastPacket?.header;
    },
    async toldOfFault(fault) {
      const told = (): boolean =>
        clients[0]!.messages.some((message) => message.type === "fault" && message.id === faultId(fault));
      await clients[0]!.until(told);
      return told();
    },
  };
});

const started: WebDriver[] = [];
afterEach(async () => {
  for (const driver of started.splice(0)) await driver.close();
});

async function open(
  options: Partial<WebDriverOptions> = {},
  host: RecordingHost = makeHost(),
): Promise<{ driver: WebDriver; host: RecordingHost; clock: ManualClock }> {
  const clock = makeClock();
  const driver = createWebDriver({ port: 0, strictPort: true, page: emptyPage, clock, ...options });
  started.push(driver);
  await driver.open(scene, host);
  return { driver, host, clock };
}

/** Waits until the driver has noticed what happened to a socket. */
async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

const press = (player: number, control = 0): WorldRecord => ({ kind: "button", player, control, down: true });

describe("seats", () => {
  test("a viewer without a seat watches: it gets packets and may send nothing", async () => {
    const { driver, host } = await open({}, makeHost(1));
    await PageClient.join(driver);
    const watcher = await PageClient.join(driver, "Grace");
    expect(watcher.sceneMessage).toMatchObject({ player: 0, session: "" });
    driver.submit(makePacket(3));
    await watcher.until(() => watcher.packets.length === 1);
    watcher.socket.send(encodeAll([press(1)]));
    expect(await watcher.ended()).toEqual({ code: 1008, reason: "refused" });
    expect(host.faults).toEqual([
      makeFault("record-malformed", { source: "A viewer", problem: "records without a seat" }),
    ]);
  });

  test("a viewer that vanishes lets everything go at once and leaves after the grace", async () => {
    const { driver, host, clock } = await open();
    const client = await PageClient.join(driver);
    client.socket.send(
      encodeAll([
        { kind: "axis", player: 1, control: 2, value: -1 },
        press(1, 1),
        press(1, 0),
        { kind: "button", player: 1, control: 1, down: false },
      ]),
    );
    await client.settle();
    host.entries.length = 0;
    client.socket.terminate();
    await eventually(() => host.entries.length > 0);
    const released = [
      {
        told: "admit",
        records: [
          { kind: "button", player: 1, control: 0, down: false },
          { kind: "axis", player: 1, control: 2, value: 0 },
        ],
      },
    ];
    expect(host.entries).toEqual(released);
    clock.advance(4_999);
    expect(host.entries).toEqual(released);
    clock.advance(1);
    expect(host.entries.slice(1)).toEqual([
      { told: "admit", records: [{ kind: "leave", player: 1 }] },
      { told: "leaveSeat", player: 1 },
    ]);
    expect(driver.counts).toMatchObject({ viewers: 0, seats: 0 });
  });

  test("a viewer that comes back in time keeps its seat without joining again", async () => {
    const { driver, host, clock } = await open();
    const client = await PageClient.join(driver);
    const { session } = client.sceneMessage!;
    client.socket.terminate();
    await eventually(() => driver.counts.viewers === 0);
    clock.advance(4_000);
    const again = await PageClient.join(driver, "Ada", session);
    expect(again.sceneMessage).toMatchObject({ player: 1, session });
    clock.advance(60_000);
    expect(host.records).toEqual([{ kind: "join", player: 1, name: "Ada" }]);
    again.socket.send(encodeAll([press(1)]));
    await again.settle();
    expect(host.records.at(-1)).toEqual(press(1));
  });

  test("a viewer that comes back too late joins anew", async () => {
    const { driver, host, clock } = await open();
    const client = await PageClient.join(driver);
    const { session } = client.sceneMessage!;
    client.socket.terminate();
    await eventually(() => driver.counts.viewers === 0);
    clock.advance(5_000);
    const again = await PageClient.join(driver, "Ada", session);
    expect(again.sceneMessage?.session).not.toBe(session);
    expect(host.records.map(({ kind }) => kind)).toEqual(["join", "leave", "join"]);
  });

  test("a second window with the same session takes the seat over", async () => {
    const { driver, host } = await open();
    const first = await PageClient.join(driver);
    first.socket.send(encodeAll([press(1)]));
    await first.settle();
    const second = await PageClient.join(driver, "Ada", first.sceneMessage!.session);
    expect(await first.ended()).toEqual({ code: 1008, reason: "replaced" });
    second.socket.send(encodeAll([press(1, 1)]));
    await second.settle();
    expect(host.records).toEqual([
      { kind: "join", player: 1, name: "Ada" },
      press(1),
      { kind: "button", player: 1, control: 0, down: false },
      press(1, 1),
    ]);
  });

  test("names are cut to what a record holds", async () => {
    const { driver, host } = await open();
    await PageClient.join(driver, `  \u0007${"é".repeat(60)}`);
    await PageClient.join(driver, " ");
    expect(host.records).toEqual([
      { kind: "join", player: 1, name: "é".repeat(32) },
      { kind: "join", player: 2, name: "Player" },
    ]);
  });
});

describe("refusals", () => {
  const malformed: readonly [string, Uint8Array | string][] = [
    ["a record tag of nobody", Uint8Array.of(99)],
    ["half a record", encodeAll([press(1)]).subarray(0, 3)],
    ["another player's record", encodeAll([press(1), press(2)])],
    ["a join", encodeAll([{ kind: "join", player: 1, name: "x" }])],
    ["a leave", encodeAll([{ kind: "leave", player: 1 }])],
    ["a setting", encodeAll([{ kind: "config", setting: 0, value: 1 }])],
    ["an unknown control", encodeAll([press(1, 3)])],
    ["a button for an axis", encodeAll([press(1, 2)])],
    ["a second hello", '{"type":"hello","build":"","name":"","session":""}'],
    ["text that is no message", "hello"],
  ];
  test.each(malformed)("%s closes the connection, and nothing of it is admitted", async (_what, message) => {
    const { driver, host } = await open();
    const client = await PageClient.join(driver);
    client.socket.send(message);
    expect(await client.ended()).toEqual({ code: 1008, reason: "refused" });
    expect(host.records.slice(1)).toEqual([]);
    expect(host.faults.map(({ kind }) => kind)).toEqual(["record-malformed"]);
  });

  test("a message that is too long closes the connection", async () => {
    const { driver, host } = await open();
    const client = await PageClient.join(driver);
    client.socket.send(new Uint8Array(4097));
    expect((await client.ended()).code).toBe(1009);
    expect(host.faults).toEqual([
      makeFault("record-malformed", { source: "A viewer", problem: "a message of more than 4096 bytes" }),
    ]);
  });

  test("a flood of messages closes the connection", async () => {
    const { driver, host } = await open();
    const client = await PageClient.join(driver);
    for (let i = 0; i < 900; i++)
      client.socket.send(encodeAll([{ kind: "axis", player: 1, control: 2, value: (i % 2) / 2 }]));
    expect(await client.ended()).toEqual({ code: 1008, reason: "refused" });
    expect(host.faults).toHaveLength(1);
  });

  test("a socket that does not say hello is closed", async () => {
    const { driver, clock } = await open();
    const client = new PageClient(driver.url);
    await client.opened();
    await eventually(() => driver.counts.viewers === 1);
    clock.advance(5_000);
    expect((await client.ended()).code).toBe(1008);
  });

  test("a page of another build is told to load again", async () => {
    const { driver, host } = await open();
    const client = new PageClient(driver.url);
    await client.opened();
    client.hello("Ada", "", "another");
    expect(await client.ended()).toEqual({ code: 1008, reason: "other-build" });
    expect(host.entries).toEqual([]);
  });
});

describe("slow readers", () => {
  test("packets are skipped for a reader that does not read, and it is closed in the end", async () => {
    const { driver, clock } = await open();
    const slow = await PageClient.join(driver);
    const quick = await PageClient.join(driver, "Grace");
    const stream = (slow.socket as unknown as { _socket: import("node:net").Socket })._socket;
    stream.pause();
    const packet = makePacket(1, 20_000);
    let sent = 0;
    while (driver.counts.skippedPackets === 0) {
      driver.submit(packet);
      sent++;
      await quick.until(() => quick.packets.length === sent);
    }
    clock.advance(4_999);
    driver.submit(packet);
    expect(driver.counts).toMatchObject({ skippedPackets: 2, viewers: 2 });
    clock.advance(1);
    driver.submit(packet);
    stream.resume();
    expect(await slow.ended()).toEqual({ code: 1013, reason: "slow" });
    await quick.until(() => quick.packets.length === sent + 2);
    expect(slow.packets.length).toBeLessThan(quick.packets.length);
    expect(driver.counts).toMatchObject({ skippedPackets: 3 });
  });

  test("a reader that catches up is served again", async () => {
    const { driver } = await open();
    const slow = await PageClient.join(driver);
    const stream = (slow.socket as unknown as { _socket: import("node:net").Socket })._socket;
    stream.pause();
    while (driver.counts.skippedPackets === 0) {
      driver.submit(makePacket(1, 20_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    stream.resume();
    await eventually(() => {
      driver.submit(makePacket(2, 10));
      return slow.lastPacket?.header.tick === 2;
    });
    expect(slow.closed).toBeUndefined();
  });

  test("a packet is copied once for all viewers, and not at all for none", async () => {
    const { driver } = await open();
    driver.submit(makePacket(1));
    expect(driver.counts).toMatchObject({ packets: 0, packetBytes: 0 });
    await PageClient.join(driver);
    await PageClient.join(driver);
    driver.submit(makePacket(2));
    expect(driver.counts).toMatchObject({ packets: 1, packetBytes: makePacket(2).byteLength });
  });
});

describe("the port", () => {
  async function occupy(): Promise<{ port: number; free: () => void }> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { port: (server.address() as import("node:net").AddressInfo).port, free: () => server.close() };
  }

  test("a taken strict port is a fault that names the port and who holds it", async () => {
    const { port, free } = await occupy();
    const driver = createWebDriver({ port, strictPort: true, page: emptyPage });
    const thrown = await driver.open(scene, makeHost()).catch((error: unknown) => error);
    free();
    expect(thrown).toBeInstanceOf(FaultError);
    const { fault } = thrown as FaultError;
    expect(fault).toMatchObject({ kind: "port-in-use", fields: { port } });
    if (process.platform === "linux")
      expect(fault).toMatchObject({ fields: { holder: expect.stringContaining(`(process ${process.pid})`) } });
    await driver.close();
  });

  test("without strictness the next free port is taken, and the taken one is reported", async () => {
    const { port, free } = await occupy();
    const { driver, host } = await open({ port, strictPort: false });
    free();
    const taken = Number(new URL(driver.url).port);
    expect(taken).toBeGreaterThan(port);
    expect(taken).toBeLessThanOrEqual(port + 20);
    expect(host.faults).toMatchObject([{ kind: "port-in-use", fields: { port } }]);
    expect((await fetch(driver.url)).status).toBe(200);
  });
});

test("a page that connects after the fault is told of it", async () => {
  const { driver } = await open();
  driver.fault(
    makeFault("system-threw", {
      system: "s",
      phase: "gameplay",
      tick: 4,
      entity: 0,
      message: "m",
      place: "game/a.ts:4:2",
    }),
    "  throw thing;",
  );
  const client = await PageClient.join(driver);
  await client.until(() => client.messages.length === 2);
  expect(client.messages[1]).toMatchObject({
    type: "fault",
    id: "E0303",
    place: "game/a.ts:4:2",
    source: "  throw thing;",
  });
});

test("a notice and another scene reach every page while it plays, and a page that comes later has the new scene", async () => {
  const { driver } = await open();
  const client = await PageClient.join(driver);
  const notice = {
    tone: "refused",
    heading: "Not taken",
    text: "Tug.score is u32 now",
    mend: "Add a migration.",
  } as const;
  driver.notice!(notice);
  driver.rescene!({ ...scene, title: "Another" });
  await client.until(() => client.messages.length === 3);
  const [first, said, second] = client.messages;
  expect(said).toEqual({ type: "notice", ...notice });
  expect(second).toEqual({ ...first, number: 1, scene: { ...scene, title: "Another" } });
  const later = await PageClient.join(driver, "Bea");
  expect(later.sceneMessage).toMatchObject({ number: 1, scene: { title: "Another" } });
  expect(later.messages).toHaveLength(1);
});
