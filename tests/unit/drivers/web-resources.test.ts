/**
 * Streamed resources as a page follows them, on a network made up: which version is shown when fetches are
 * slow, fail, are overtaken or give bytes that are none.
 */
import { expect, test } from "vitest";
import { type ResourceHost, Resources } from "../../../runtime/drivers/web/client/resources.ts";

/** A fetch that goes on; content is the text of the bytes, and "bad" does not decode. */
interface Fetch {
  readonly asked: string;
  readonly signal: AbortSignal;
  answer(text: string): Promise<void>;
  fail(why: string): Promise<void>;
}

class Network implements ResourceHost<string> {
  readonly log: string[] = [];
  readonly fetches: Fetch[] = [];
  readonly pauses: { millis: number; run: () => void }[] = [];

  fetch(number: number, version: number, signal: AbortSignal): Promise<Uint8Array> {
    this.log.push(`fetch ${number}.${version}`);
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        this.log.push(`abort ${number}.${version}`);
        reject(new Error("aborted"));
      });
      this.fetches.push({
        asked: `${number}.${version}`,
        signal,
        answer(text) {
          resolve(new TextEncoder().encode(text));
          return settled();
        },
        fail(why) {
          reject(new Error(why));
          return settled();
        },
      });
    });
  }

  async decode(_number: number, bytes: Uint8Array): Promise<string> {
    const text = new TextDecoder().decode(bytes);
    if (text === "bad") throw new Error("no such format");
    return text;
  }

  show(number: number, content: string | undefined): void {
    this.log.push(`show ${number} ${content ?? "fallback"}`);
  }

  release(content: string): void {
    this.log.push(`release ${content}`);
  }

  after(millis: number, run: () => void): () => void {
    const pause = { millis, run };
    this.pauses.push(pause);
    return () => this.pauses.splice(this.pauses.indexOf(pause), 1);
  }

  /** Ends the pause that began first; returns its length. */
  async passPause(): Promise<number> {
    const { millis, run } = this.pauses.shift()!;
    run();
    await settled();
    return millis;
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

/** Rows of number and version. */
function rows(...pairs: readonly (readonly [number, number])[]): Uint32Array {
  return Uint32Array.from(pairs.flatMap(([number, version]) => [number, version, 100, 2]));
}

test("the fallback stays until a version is decoded; a later version takes its place, then the fallback again", async () => {
  const network = new Network();
  const resources = new Resources([3], network);
  resources.note(rows([3, 0], [4, 1]));
  expect(network.log).toEqual([]);
  resources.note(rows([3, 1]));
  resources.note(rows([3, 1]));
  await settled();
  expect(network.log).toEqual(["fetch 3.1"]);
  expect(resources.stateOf(3)).toEqual({ version: 0, problem: "", failureCount: 0 });
  await network.fetches[0]!.answer("one");
  expect(resources.stateOf(3)).toEqual({ version: 1, problem: "", failureCount: 0 });
  resources.note(rows([3, 2]));
  await network.fetches[1]!.answer("two");
  resources.note(rows([3, 0]));
  expect(network.log).toEqual([
    "fetch 3.1",
    "show 3 one",
    "fetch 3.2",
    "show 3 two",
    "release one",
    "show 3 fallback",
    "release two",
  ]);
  expect(resources.stateOf(4)).toBeUndefined();
});

test("failures keep what is on screen and try again after growing pauses", async () => {
  const network = new Network();
  const resources = new Resources([0], network);
  resources.note(rows([0, 1]));
  await network.fetches[0]!.answer("one");
  resources.note(rows([0, 2]));
  const pauses: number[] = [];
  for (let attempt = 1; attempt <= 7; attempt++) {
    if (attempt % 2 === 0) await network.fetches[attempt]!.answer("bad");
    else await network.fetches[attempt]!.fail("the driver answers 503");
    expect(resources.stateOf(0)).toEqual({
      version: 1,
      problem: attempt % 2 === 0 ? "no such format" : "the driver answers 503",
      failureCount: attempt,
    });
    expect(network.fetches).toHaveLength(attempt + 1);
    pauses.push(await network.passPause());
  }
  expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000]);
  await network.fetches[8]!.answer("two");
  expect(resources.stateOf(0)).toEqual({ version: 2, problem: "", failureCount: 7 });
  expect(network.log.slice(-2)).toEqual(["show 0 two", "release one"]);
});

test("a newer version ends the fetch of an older one, also one that is decoded already or pauses", async () => {
  const network = new Network();
  const resources = new Resources([0], network);
  resources.note(rows([0, 1]));
  resources.note(rows([0, 2]));
  await settled();
  expect(network.log).toEqual(["fetch 0.1", "abort 0.1", "fetch 0.2"]);
  // The bytes are there, but a newer version comes while they are decoded.
  const answered = network.fetches[1]!.answer("two");
  resources.note(rows([0, 3]));
  await answered;
  await network.fetches[2]!.fail("lost");
  resources.note(rows([0, 4]));
  expect(network.pauses).toEqual([]);
  await network.fetches[3]!.answer("four");
  const shown = network.log.filter((line) => line.startsWith("show"));
  expect(shown).toEqual(["show 0 four"]);
  expect(resources.stateOf(0)?.version).toBe(4);
});

test("two fetches go on at once; the others wait for their turn", async () => {
  const network = new Network();
  const resources = new Resources([0, 1, 2, 3], network);
  resources.note(rows([0, 1], [1, 1], [2, 1], [3, 1]));
  expect(network.fetches.map(({ asked }) => asked)).toEqual(["0.1", "1.1"]);
  await network.fetches[1]!.answer("b");
  await network.fetches[2]!.fail("lost");
  expect(network.fetches.map(({ asked }) => asked)).toEqual(["0.1", "1.1", "2.1", "3.1"]);
});

test("nothing is shown after the scene is gone, and everything is let go", async () => {
  const network = new Network();
  const resources = new Resources([0, 1, 2], network);
  resources.note(rows([0, 1], [1, 1], [2, 1]));
  await network.fetches[0]!.answer("a");
  await network.fetches[1]!.fail("lost");
  const late = network.fetches[2]!;
  resources.dispose();
  expect(network.pauses).toEqual([]);
  await late.answer("c");
  expect(network.log.filter((line) => !line.startsWith("fetch"))).toEqual(["show 0 a", "release a", "abort 2.1"]);
});
