/**
 * The web driver behind a scene with other controls, over real sockets: pages learn of it later than the driver, and what
 * they say and hold is by the numbers of the scene that they speak.
 */
import { afterEach, expect, test } from "vitest";
import { makeFault } from "../../../engine/base/faults.ts";
import type { WorldRecord } from "../../../engine/input/record.ts";
import { createWebDriver, type WebDriver } from "../../../runtime/drivers/web/driver.ts";
import { encodeMessage } from "../../../runtime/drivers/web/protocol.ts";
import { encodeAll } from "./contract.ts";
import { emptyPage, makeClock, makeHost, type RecordingHost, scene } from "./fixtures.ts";
import { PageClient } from "./page-client.ts";

const started: WebDriver[] = [];
afterEach(async () => {
  for (const driver of started.splice(0)) await driver.close();
});

async function open(): Promise<{ driver: WebDriver; host: RecordingHost }> {
  const host = makeHost();
  const driver = createWebDriver({ port: 0, strictPort: true, page: emptyPage, clock: makeClock() });
  started.push(driver);
  await driver.open(scene, host);
  return { driver, host };
}

const press = (player: number, control: number): WorldRecord => ({ kind: "button", player, control, down: true });
const [beam, start, thrust] = scene.controls as [Control, Control, Control];
type Control = (typeof scene.controls)[number];
const aim: Control = { name: "aim", kind: "axis", negative: [], positive: [], label: "" };
/** Beam is gone, thrust is 1 where start was, start is 2 where thrust was. */
const renumbered = { ...scene, controls: [aim, thrust, start] };
const axis = (control: number, value = 1): WorldRecord => ({ kind: "axis", player: 1, control, value });

test("records of a page that has not taken it up are for the controls that it means", async () => {
  const { driver, host } = await open();
  const client = await PageClient.join(driver);
  driver.rescene!(renumbered);
  client.socket.send(encodeAll([axis(2), press(1, 0)]));
  client.socket.send(encodeAll([press(1, 0)]));
  client.socket.send(encodeAll([press(1, 1)]));
  await client.settle();
  expect(host.entries.slice(2)).toEqual([
    { told: "admit", records: [axis(1)] },
    { told: "admit", records: [press(1, 2)] },
  ]);
  client.socket.send(encodeMessage({ type: "speaks", scene: 1 }));
  client.socket.send(encodeAll([axis(0), axis(1, 0), press(1, 2)]));
  await client.settle();
  expect(host.records.slice(3)).toEqual([axis(0), axis(1, 0), press(1, 2)]);
  expect([client.closed, host.faults]).toEqual([undefined, []]);
});

test("a page two scenes behind is understood, and one that speaks a scene it was not sent is refused", async () => {
  const { driver, host } = await open();
  const client = await PageClient.join(driver);
  driver.rescene!(renumbered);
  driver.rescene!({ ...scene, controls: [start, beam] });
  client.socket.send(encodeAll([press(1, 0)]));
  client.socket.send(encodeMessage({ type: "speaks", scene: 1 }));
  client.socket.send(encodeAll([press(1, 2), axis(1)]));
  await client.settle();
  expect(host.records.slice(1)).toEqual([press(1, 1), press(1, 0)]);
  // It has gone on from the first.
  client.socket.send(encodeMessage({ type: "speaks", scene: 0 }));
  expect(await client.ended()).toEqual({ code: 1008, reason: "refused" });
  const problem = "a scene that the page was not sent";
  expect(host.faults).toEqual([makeFault("record-malformed", { source: "The page of player 1", problem })]);
});

test("what a page held is released by the numbers of then, and what is gone when it is back", async () => {
  const { driver, host } = await open();
  const client = await PageClient.join(driver);
  client.socket.send(encodeAll([press(1, 0), press(1, 1), axis(2)]));
  await client.settle();
  driver.rescene!(renumbered);
  host.entries.length = 0;
  client.socket.terminate();
  while (host.entries.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const up = (control: number): WorldRecord => ({ kind: "button", player: 1, control, down: false });
  expect(host.records).toEqual([up(2), axis(1, 0)]);
  driver.rescene!(scene);
  expect(host.records.slice(2)).toEqual([up(0)]);
});
