/**
 * The process space: processes that know each other by their numbers. Two containers may share a folder and have a process
 * 7 each, so a number says nothing about a file until it is known in which space it was given.
 *
 * The rule a reader could break: what is handed on is a hash, because black boxes carry it and are passed on.
 */
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { codec } from "../../engine/ports/compressor.ts";
import type { Journal } from "../../engine/replay/journal.ts";
import { encodeAttachment } from "../../engine/replay/wire.ts";
import { boxTopic } from "./flight-pace.ts";

let known: string | undefined;

/** The space of this process. */
export function processSpace(): string {
  known ??= createHash("sha256").update(marksOfSpace().join("\n")).digest("hex").slice(0, 32);
  return known;
}

/** The payload of an attachment without bytes that names a space; flight files have one behind their header. */
export function spaceAttachment(space: string): Uint8Array {
  const bytes = new Uint8Array(0);
  return encodeAttachment({ topic: boxTopic.space, name: space, codec: codec.none, rawLength: 0, crc: 0, bytes });
}

/** The space in which a flight file was written; undefined for a file that does not say. */
export function spaceOf({ attachments }: Journal): string | undefined {
  return attachments.find(({ topic }) => topic === boxTopic.space)?.name;
}

/** Linux gives each container a space of its own; elsewhere a machine is one. */
function marksOfSpace(): string[] {
  try {
    return [readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(), readlinkSync("/proc/self/ns/pid")];
  } catch {
    return [hostname()];
  }
}
