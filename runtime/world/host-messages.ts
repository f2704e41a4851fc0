/**
 * What the main thread says to an engine thread that runs. The engine thread blocks between frames and has no event loop
 * then, so nothing is delivered to it: it looks for messages itself, once a frame.
 *
 * The rule a reader could break: nobody listens on the port otherwise, because a message goes to the listener and is then
 * not there to be found.
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { EngineHostMessage } from "./engine-thread.ts";

const none: readonly EngineHostMessage[] = [];

/** The messages since the last look, in order. */
export function takeHostMessages(port: MessagePort): readonly EngineHostMessage[] {
  let found = receiveMessageOnPort(port);
  if (found === undefined) return none;
  const messages: EngineHostMessage[] = [];
  for (; found !== undefined; found = receiveMessageOnPort(port)) messages.push(found.message as EngineHostMessage);
  return messages;
}
