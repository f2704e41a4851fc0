/**
 * The wire between the web driver and its page, types and codec together. One WebSocket carries:
 *
 *   text    both ways   one control message as JSON, tagged by `type`
 *   binary  to page     exactly one packet (engine/render/packet.ts)
 *   binary  to driver   whole records (engine/input/record.ts), only of the player the page plays
 *
 *   page:   hello ──────────────► takes a seat, or keeps it by its session, or watches
 *           speaks ─────────────► its records have the control numbers of another scene from here on
 *   driver: scene, then packets; another scene when the game's code has changed; `notice` at any time; `fault` at most once; `bye` before it closes the socket
 *
 * Beside it, GET /resource/<number>/<version> gives the bytes of a streamed resource that packets tell of.
 *
 * Nobody waits for anybody: a page that reads slowly misses packets, a page that writes too much is
 * closed. Both decoders believe nothing and return undefined or a problem, they never throw.
 */
import { type PlayerKey, playerNameBytesMax } from "../../../engine/input/record.ts";
import type { DriverNotice } from "../../../engine/render/driver.ts";
import type { SceneDescription } from "../../../engine/render/scene.ts";

/** The path of the socket. */
export const socketPath = "/socket";

/** Where the driver answers with the bytes of a version of a streamed resource. */
export function resourcePath(number: number, version: number): string {
  return `/resource/${number}/${version}`;
}

/** The resource and version that a path names; undefined when it is no such path. */
export function parseResourcePath(path: string): { readonly number: number; readonly version: number } | undefined {
  const [, number, version] = /^\/resource\/(\d{1,9})\/(\d{1,10})$/.exec(path) ?? [];
  return number === undefined ? undefined : { number: Number(number), version: Number(version) };
}

/** Longest message from a page; a hello and a full frame of records both fit many times over. */
export const clientMessageBytesMax = 4096;

/** Why a driver says goodbye. Only after `stopped`, `slow` and `full` does a page try again. */
export const byeReasons = ["stopped", "replaced", "other-build", "refused", "slow", "full"] as const;
export type ByeReason = (typeof byeReasons)[number];

/** WebSocket close codes in use (RFC 6455, 7.4.1, and the IANA registry for 1013). */
export const closeCode = { goingAway: 1001, policy: 1008, tooLarge: 1009, tryLater: 1013 } as const;

export type ClientMessage =
  | {
      readonly type: "hello";
      /** The build that the page was made by, from its own markup. */
      readonly build: string;
      readonly name: string;
      /** The session of an earlier scene message, or "". */
      readonly session: string;
    }
  /** Records behind this one have the control numbers of the scene with this number; before the first, those of the first. */
  | { readonly type: "speaks"; readonly scene: number };

export type ServerMessage =
  /** What to draw, and as whom: player 0 watches and has no session. Each scene of a driver has a number of its own. */
  | {
      readonly type: "scene";
      readonly player: PlayerKey;
      readonly session: string;
      readonly number: number;
      readonly scene: SceneDescription;
    }
  /** The world has faulted; `place` is "file:line:column" or "". */
  | {
      readonly type: "fault";
      readonly id: string;
      readonly text: string;
      readonly mend: string;
      readonly place: string;
      /** The text of that line of code, or "". */
      readonly source: string;
    }
  /** Something has changed, or was refused; the world goes on. */
  | ({ readonly type: "notice" } & DriverNotice)
  | { readonly type: "bye"; readonly reason: ByeReason; readonly text: string };

export function encodeMessage(message: ClientMessage | ServerMessage): string {
  return JSON.stringify(message);
}

/** Reads a page's message; an unknown type, a missing field or a long one is a problem. */
export function decodeClientMessage(text: string): ClientMessage | { readonly problem: string } {
  const fields = parseObject(text);
  if (fields === undefined) return { problem: "the text is not a JSON object" };
  if (fields["type"] === "speaks") {
    const { scene } = fields;
    return typeof scene === "number" ? { type: "speaks", scene } : { problem: "speaks has no number of a scene" };
  }
  if (fields["type"] !== "hello") return { problem: "the message type is unknown" };
  const { build, name, session } = fields;
  if (!isText(build, 64)) return { problem: "hello has no build" };
  if (!isText(name, 256)) return { problem: "hello has no name of at most 256 characters" };
  if (!isText(session, 64)) return { problem: "hello has no session" };
  return { type: "hello", build, name, session };
}

/** Reads a driver's message. The scene inside is taken as it is: page and driver are of one build. */
export function decodeServerMessage(text: string): ServerMessage | undefined {
  const fields = parseObject(text);
  if (fields === undefined) return undefined;
  switch (fields["type"]) {
    case "scene": {
      const { player, session, number, scene } = fields;
      if (typeof player !== "number" || !isText(session, 64) || typeof number !== "number") return undefined;
      if (typeof scene !== "object" || scene === null) return undefined;
      return { type: "scene", player, session, number, scene: scene as SceneDescription };
    }
    case "fault": {
      const { id, text: what, mend, place, source } = fields;
      if (!isText(id) || !isText(what) || !isText(mend) || !isText(place) || !isText(source)) return undefined;
      return { type: "fault", id, text: what, mend, place, source };
    }
    case "notice": {
      const { tone, heading, text: what, mend } = fields;
      if ((tone !== "changed" && tone !== "refused") || !isText(heading) || !isText(what) || !isText(mend))
        return undefined;
      return { type: "notice", tone, heading, text: what, mend };
    }
    case "bye": {
      const { reason, text: why } = fields;
      const known = byeReasons.find((candidate) => candidate === reason);
      return known === undefined || !isText(why) ? undefined : { type: "bye", reason: known, text: why };
    }
    default:
      return undefined;
  }
}

/** A player's name as the record codec takes it: no control characters, cut at whole characters. */
export function fitPlayerName(name: string): string {
  let fitted = "";
  let bytes = 0;
  for (const character of name.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "").trim()) {
    const code = character.codePointAt(0) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > playerNameBytesMax) break;
    fitted += character;
  }
  return fitted === "" ? "Player" : fitted;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isText(value: unknown, lengthMax = 65_536): value is string {
  return typeof value === "string" && value.length <= lengthMax;
}
