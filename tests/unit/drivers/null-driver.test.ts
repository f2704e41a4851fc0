/** The null driver keeps the contract of drivers, counts what it is given and plays its script. */
import { expect, test } from "vitest";
import { AssertionFailure } from "../../../engine/base/assertions.ts";
import { createNullDriver } from "../../../runtime/drivers/null/driver.ts";
import { describeDriverContract, encodeAll } from "./contract.ts";
import { makeHost, makePacket, scene } from "./fixtures.ts";

describeDriverContract("null", ({ players, sent }) => {
  const driver = createNullDriver({ players, script: sent.length === 0 ? [] : [{ frame: 1, recordBytes: sent }] });
  return {
    driver,
    arrive: async () => {},
    send: async () => {},
    consumed: async () => driver.lastHeader,
    toldOfFault: async (fault) => driver.lastFault === fault,
  };
});

test("a script's records are handed over with the first packet of their frame or later", async () => {
  const press = (control: number) => ({ kind: "button", player: 1, control, down: true }) as const;
  const driver = createNullDriver({
    script: [2, 2, 3, 7].map((frame, index) => ({ frame, recordBytes: encodeAll([press(index)]) })),
  });
  const host = makeHost();
  await driver.open(scene, host);
  const admitted = [1, 2, 6, 9].map((frame) => {
    host.entries.length = 0;
    driver.submit(makePacket(frame));
    return host.records.map((record) => (record.kind === "button" ? record.control : -1));
  });
  expect(admitted).toEqual([[], [0, 1], [2], [3]]);
  expect(driver).toMatchObject({ packetCount: 4, packetBytes: 4 * makePacket(1).byteLength });
  await driver.close();
});

test("a script whose frames do not ascend is a bug", () => {
  const recordBytes = new Uint8Array(0);
  expect(() =>
    createNullDriver({
      script: [
        { frame: 2, recordBytes },
        { frame: 1, recordBytes },
      ],
    }),
  ).toThrow(AssertionFailure);
});
