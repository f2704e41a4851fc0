/**
 * A disturbed source: files that come slowly, break off, are cut short or stall, as a slow disk or a bad network would
 * have it. Wraps any other. For `play --source-rate 5MB --source-failures 0.2` and for tests.
 *
 * What happens to the n-th opened file is drawn from the seed, so a run can be had again as far as its order of opening.
 */
import { setTimeout as delay } from "node:timers/promises";
import { RandomStream, randomStateWords, seedStream } from "../../engine/base/random.ts";
import type { Clock } from "../../engine/ports/clock.ts";
import { hostClock } from "../host/clock.ts";
import type { FileSource, OpenFile } from "./file-source.ts";

export interface Disturbance {
  /** Bytes a second of all files together; no limit when left out. */
  readonly bytesPerSecond?: number;
  /** Chance, 0 to 1, that an opened file breaks off with an error somewhere within. */
  readonly failureChance?: number;
  /** Chance that it ends early, without an error. */
  readonly truncationChance?: number;
  /** Chance that it stops giving bytes until it is closed. */
  readonly stallChance?: number;
  readonly seed: number;
  readonly clock?: Clock;
}

type Fate = "whole" | "failing" | "truncated" | "stalling";

/** Parts of a second in which a limited rate is handed out. */
const partsPerSecond = 20;

export function disturbedFiles(files: FileSource, disturbance: Disturbance): FileSource {
  const { bytesPerSecond = Number.POSITIVE_INFINITY, failureChance = 0, truncationChance = 0 } = disturbance;
  const { stallChance = 0, seed, clock = hostClock } = disturbance;
  const state = new Uint32Array(randomStateWords);
  seedStream(state, 0, seed, "disturbed source");
  const random = new RandomStream(state, 0);
  let freeMicros = 0;

  /** Waits until `byteCount` further bytes keep to the rate. */
  const pay = async (byteCount: number): Promise<void> => {
    if (bytesPerSecond === Number.POSITIVE_INFINITY) return;
    const now = clock.nowMicros();
    freeMicros = Math.max(now, freeMicros) + (byteCount / bytesPerSecond) * 1_000_000;
    const waitMillis = (freeMicros - now) / 1_000;
    if (waitMillis >= 1) await delay(waitMillis);
  };

  const fate = (): Fate => {
    const draw = random.unit();
    if (draw < failureChance) return "failing";
    if (draw < failureChance + truncationChance) return "truncated";
    return draw < failureChance + truncationChance + stallChance ? "stalling" : "whole";
  };

  return {
    async open(name) {
      // Both are drawn before anything is waited for, so that they follow from the order of opening alone.
      const kind = fate();
      const share = random.unit();
      const file = await files.open(name);
      const end = kind === "whole" ? Number.POSITIVE_INFINITY : Math.floor(file.byteLength * share);
      const stall = Promise.withResolvers<number>();
      const open: OpenFile = {
        byteLength: file.byteLength,
        async read(target, fileOffset) {
          const most = Math.max(1, Math.floor(bytesPerSecond / partsPerSecond));
          const count = Math.min(target.length, most, end - fileOffset);
          if (count <= 0 && kind === "failing") throw new Error(`${name} broke off after ${fileOffset} bytes`);
          if (count <= 0 && kind === "stalling") return stall.promise;
          if (count <= 0) return 0;
          const read = await file.read(target.subarray(0, count), fileOffset);
          await pay(read);
          return read;
        },
        async close() {
          stall.resolve(0);
          await file.close();
        },
      };
      return open;
    },
  };
}

const unitBytes: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["B", 1],
  ["KB", 1_000],
  ["MB", 1_000_000],
  ["GB", 1_000_000_000],
  ["KIB", 1_024],
  ["MIB", 1_048_576],
  ["GIB", 1_073_741_824],
]);

/** Bytes a second of a text such as "5MB", "512 KiB/s" or "250000"; undefined when it is none above 0. */
export function parseByteRate(text: string): number | undefined {
  const found = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*?)(?:\/s)?\s*$/i.exec(text);
  const unit = found === null ? undefined : unitBytes.get(found[2]!.toUpperCase());
  if (found === null || unit === undefined) return undefined;
  const rate = Number(found[1]) * unit;
  return rate >= 1 ? rate : undefined;
}

/** The number of a text such as "0.2" or "20%"; undefined when it is no chance from 0 to 1. */
export function parseChance(text: string): number | undefined {
  const found = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text);
  if (found === null) return undefined;
  const chance = found[2] === "%" ? Number(found[1]) / 100 : Number(found[1]);
  return chance <= 1 ? chance : undefined;
}
