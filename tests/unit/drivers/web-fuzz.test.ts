/**
 * Random bytes against the web driver's protocol. Whatever arrives, the driver goes on, hands its
 * host only whole records of the sender, and closes who sent rubbish. The seed is printed first.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeUtf8 } from "../../../engine/base/bytes.ts";
import { playerNameBytesMax } from "../../../engine/input/record.ts";
import { createWebDriver } from "../../../runtime/drivers/web/driver.ts";
import { decodeClientMessage, decodeServerMessage, fitPlayerName } from "../../../runtime/drivers/web/protocol.ts";
import { checkRecords } from "../../../runtime/drivers/web/record-check.ts";
import { testSeed } from "../seeds.ts";
import { encodeAll } from "./contract.ts";
import { emptyPage, makeHost, makePacket, scene } from "./fixtures.ts";
import { PageClient } from "./page-client.ts";

const seed = testSeed("web-fuzz");
fc.configureGlobal({ seed });

test("decoders answer every text with a message or a refusal", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.json(),
    fc
      .record({
        type: fc.constantFrom("hello", "speaks", "scene", "fault", "bye", "x"),
        name: fc.anything(),
        build: fc.anything(),
        scene: fc.anything(),
      })
      .map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const client = decodeClientMessage(text);
      if ("type" in client)
        expect(typeof (client.type === "hello" ? client.name : client.scene)).toMatch(/string|number/);
      decodeServerMessage(text);
    }),
    { numRuns: 5_000 },
  );
});

test("a fitted name is never empty and always fits a record", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (name) => {
      const byteLength = encodeUtf8(fitPlayerName(name)).length;
      expect(byteLength).toBeGreaterThan(0);
      expect(byteLength).toBeLessThanOrEqual(playerNameBytesMax);
    }),
  );
});

test("random bytes never become a record of somebody else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const records = checkRecords(bytes, 1, scene.controls);
      if ("problem" in records) return;
      for (const record of records) {
        if (record.kind !== "button" && record.kind !== "axis") throw new Error(`admitted a ${record.kind}`);
        expect(record.player).toBe(1);
        expect(record.control).toBeLessThan(scene.controls.length);
      }
    }),
    { numRuns: 20_000 },
  );
});

test("flipping any bit of a good message is admitted whole or refused whole", () => {
  const good = encodeAll([
    { kind: "button", player: 1, control: 0, down: true },
    { kind: "axis", player: 1, control: 2, value: 0.25 },
  ]);
  for (let bit = 0; bit < good.length * 8; bit++) {
    const bytes = good.slice();
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    const records = checkRecords(bytes, 1, scene.controls);
    if (!("problem" in records)) expect(encodeAll(records)).toEqual(bytes);
  }
});

test("random messages over real sockets leave the driver working", async () => {
  const driver = createWebDriver({ port: 0, strictPort: true, page: emptyPage });
  const host = makeHost(64);
  await driver.open(scene, host);
  const messages = fc.sample(
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 5_000 }),
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.json(),
    ),
    { numRuns: 120, seed },
  );
  for (let i = 0; i < messages.length; i++) {
    const client = new PageClient(driver.url);
    await client.opened();
    if (i % 2 === 0) client.hello();
    client.socket.send(messages[i]!);
    driver.submit(makePacket(i));
    if (i % 3 === 0) client.socket.terminate();
    else client.socket.close();
    await client.ended();
  }
  const witness = await PageClient.join(driver, "Witness");
  driver.submit(makePacket(1_000));
  await witness.until(() => witness.lastPacket?.header.tick === 1_000);
  await driver.close();
});
