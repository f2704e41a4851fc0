/**
 * The driver contract: what every driver does, whatever it shows. The null driver passes it first; a
 * driver is done when it passes it as well. A harness makes the driver and plays the person behind it.
 */
import { describe, expect, test } from "vitest";
import { AssertionFailure } from "../../../engine/base/assertions.ts";
import { ByteWriter } from "../../../engine/base/bytes.ts";
import { type Fault, makeFault } from "../../../engine/base/faults.ts";
import { encodeRecord, type WorldRecord } from "../../../engine/input/record.ts";
import type { Driver } from "../../../engine/render/driver.ts";
import type { PacketHeader } from "../../../engine/render/packet.ts";
import { makeHost, makePacket, type RecordingHost, scene } from "./fixtures.ts";

export interface DriverHarness {
  readonly driver: Driver;
  /** A player arrives; the harness may have arranged for it before the driver opened. */
  arrive(name: string): Promise<void>;
  /** The player who arrived first sends records. */
  send(recordBytes: Uint8Array): Promise<void>;
  /** The header of the packet that was consumed last. */
  consumed(): Promise<PacketHeader | undefined>;
  /** What the consumer was told of the world's fault: its kind or id. */
  toldOfFault(fault: Fault): Promise<boolean>;
}

export interface HarnessPlan {
  readonly players: readonly string[];
  /** Records that `send` will be called with. */
  readonly sent: Uint8Array;
}

export function encodeAll(records: readonly WorldRecord[]): Uint8Array {
  const writer = new ByteWriter();
  for (const record of records) encodeRecord(writer, record);
  return writer.take();
}

const presses: readonly WorldRecord[] = [
  { kind: "button", player: 1, control: 0, down: true },
  { kind: "axis", player: 1, control: 2, value: 0.5 },
  { kind: "axis", player: 1, control: 2, value: 0 },
  { kind: "button", player: 1, control: 0, down: false },
];

export function describeDriverContract(name: string, makeHarness: (plan: HarnessPlan) => DriverHarness): void {
  const nobody: HarnessPlan = { players: [], sent: new Uint8Array(0) };

  async function withDriver(
    plan: HarnessPlan,
    run: (harness: DriverHarness, host: RecordingHost) => Promise<void>,
    host = makeHost(),
  ): Promise<void> {
    const harness = makeHarness(plan);
    await harness.driver.open(scene, host);
    try {
      for (const player of plan.players) await harness.arrive(player);
      await run(harness, host);
    } finally {
      await harness.driver.close();
    }
  }

  describe(`driver contract: ${name}`, () => {
    test("it has a name", () => {
      expect(makeHarness(nobody).driver.name).toMatch(/^[a-z]+$/);
    });

    test("a packet before open, a second open and a malformed packet are bugs", async () => {
      const { driver } = makeHarness(nobody);
      expect(() => driver.submit(makePacket(1))).toThrow(AssertionFailure);
      await driver.open(scene, makeHost());
      await expect(driver.open(scene, makeHost())).rejects.toThrow(AssertionFailure);
      expect(() => driver.submit(new Uint8Array(64))).toThrow(AssertionFailure);
      expect(() => driver.submit(makePacket(1).subarray(0, 96))).toThrow(AssertionFailure);
      await driver.close();
    });

    test("packets are taken when nobody watches, with no instance and with many", async () => {
      await withDriver(nobody, async ({ driver }, host) => {
        for (const instances of [0, 1, 5_000]) driver.submit(makePacket(instances, instances));
        expect(host.entries).toEqual([]);
      });
    });

    test("players take the lowest seats and join before anything else is said of them", async () => {
      await withDriver({ players: ["Ada", "Grace"], sent: new Uint8Array(0) }, async (_harness, host) => {
        expect(host.entries).toEqual([
          { told: "takeSeat", player: 1 },
          { told: "admit", records: [{ kind: "join", player: 1, name: "Ada" }] },
          { told: "takeSeat", player: 2 },
          { told: "admit", records: [{ kind: "join", player: 2, name: "Grace" }] },
        ]);
      });
    });

    test("without a free seat nobody joins", async () => {
      const plan = { players: ["Ada", "Grace"], sent: new Uint8Array(0) };
      const host = makeHost(1);
      await withDriver(
        plan,
        async () => expect(host.records).toEqual([{ kind: "join", player: 1, name: "Ada" }]),
        host,
      );
    });

    test("records reach the host whole and in order", async () => {
      const sent = encodeAll(presses);
      await withDriver({ players: ["Ada"], sent }, async (harness, host) => {
        harness.driver.submit(makePacket(1));
        await harness.send(sent);
        expect(host.records.slice(1)).toEqual(presses);
      });
    });

    test("the bytes of a packet belong to the caller again after submit", async () => {
      await withDriver({ players: ["Ada"], sent: new Uint8Array(0) }, async ({ driver, consumed }) => {
        const packet = makePacket(41);
        driver.submit(packet);
        packet.fill(0xee);
        const header = await consumed();
        expect(header).toMatchObject({ tick: 41, hashLow: 0x89abcdef, hashHigh: 0x01234567 });
      });
    });

    test("a packet in shared memory is taken as well", async () => {
      await withDriver({ players: ["Ada"], sent: new Uint8Array(0) }, async ({ driver, consumed }) => {
        const packet = makePacket(7);
        const shared = new Uint8Array(new SharedArrayBuffer(packet.byteLength + 32), 32);
        shared.set(packet);
        driver.submit(shared);
        expect((await consumed())?.tick).toBe(7);
      });
    });

    test("the world's fault is told", async () => {
      await withDriver({ players: ["Ada"], sent: new Uint8Array(0) }, async (harness) => {
        const fault = makeFault("parent-cycle", { child: 3, parent: 4 });
        harness.driver.fault(fault, "");
        expect(await harness.toldOfFault(fault)).toBe(true);
      });
    });

    test("closing leaves every seat, the leave record first, and happens once", async () => {
      const { driver, arrive } = makeHarness({ players: ["Ada", "Grace"], sent: new Uint8Array(0) });
      const host = makeHost();
      await driver.open(scene, host);
      for (const player of ["Ada", "Grace"]) await arrive(player);
      host.entries.length = 0;
      await driver.close();
      await driver.close();
      driver.submit(makePacket(9));
      expect(host.entries).toEqual([
        { told: "admit", records: [{ kind: "leave", player: 1 }] },
        { told: "leaveSeat", player: 1 },
        { told: "admit", records: [{ kind: "leave", player: 2 }] },
        { told: "leaveSeat", player: 2 },
      ]);
    });

    test("a driver that was never opened can be closed", async () => {
      await makeHarness(nobody).driver.close();
    });
  });
}
