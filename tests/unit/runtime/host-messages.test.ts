/** Messages to a thread that has no event loop while it runs: found when it looks, in order, each once. */
import { MessageChannel } from "node:worker_threads";
import { expect, test } from "vitest";
import { takeHostMessages } from "../../../runtime/world/host-messages.ts";

test("messages are found in order, each once", () => {
  const { port1, port2 } = new MessageChannel();
  const message = (rate: number) => ({ kind: "settings", settings: { tick: { rate } } }) as const;
  expect(takeHostMessages(port2)).toEqual([]);
  port1.postMessage(message(30));
  port1.postMessage(message(20));
  expect(takeHostMessages(port2)).toEqual([message(30), message(20)]);
  expect(takeHostMessages(port2)).toEqual([]);
  port1.close();
});
