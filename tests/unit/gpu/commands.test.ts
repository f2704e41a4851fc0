/** Commands as words: each has its drawn layout, what is cut or wrong is told, a full region is a fault. */
import { describe, expect, test } from "vitest";
import { CommandReader, CommandRecorder, commandsText } from "../../../engine/gpu/commands.ts";
import { Draws, testSeed } from "../seeds.ts";
import { raised } from "./faults.ts";

const seed = testSeed("commands");

function recordAll(recorder: CommandRecorder): void {
  recorder.upload(1, 64, 32, 7);
  recorder.copy(1, 2, 16, 9);
  recorder.barrier(2);
  recorder.bind(0, 2);
  recorder.bind(1, 3, 1);
  recorder.dispatch(4, 5, 6, 11);
  recorder.beginPass(8);
  recorder.draw(300, 2, 13);
  recorder.endPass();
}

const allWords = [
  ...[0x507, 1, 64, 32, 7],
  ...[0x506, 1, 2, 16, 9],
  ...[0x208, 2],
  ...[0x403, 0, 2, 0],
  ...[0x403, 1, 3, 1],
  ...[0x505, 4, 5, 6, 11],
  ...[0x201, 8],
  ...[0x404, 300, 2, 13],
  0x102,
];

describe("recording", () => {
  test("writes the drawn layout into its region and nothing around it", () => {
    const words = new Uint32Array(allWords.length + 8).fill(0xdead);
    const recorder = new CommandRecorder(words, 3, allWords.length);
    recordAll(recorder);
    expect(recorder.wordCount).toBe(allWords.length);
    expect([...words]).toEqual([0xdead, 0xdead, 0xdead, ...allWords, 0xdead, 0xdead, 0xdead, 0xdead, 0xdead]);
  });

  test("reads back as what was recorded", () => {
    const words = new Uint32Array(allWords.length);
    recordAll(new CommandRecorder(words));
    expect(commandsText(words)).toEqual([
      "upload 1 64 32 7",
      "copy 1 2 16 9",
      "barrier 2",
      "bind 0 2 0",
      "bind 1 3 1",
      "dispatch 4 5 6 11",
      "begin-pass 8",
      "draw 300 2 13",
      "end-pass",
    ]);
  });

  test("a command that does not fit is refused whole", () => {
    const words = new Uint32Array(9);
    const recorder = new CommandRecorder(words, 1, 6);
    recorder.bind(0, 1);
    expect(raised(() => recorder.draw(3, 1, 5))).toBe(
      "gpu-misuse: Recording draw is refused by the graphics device: the 6 words of this command buffer are full.",
    );
    recorder.beginPass(2);
    expect([recorder.wordCount, ...words]).toEqual([6, 0, 0x403, 0, 1, 0, 0x201, 2, 0, 0]);
  });
});

describe("reading", () => {
  test("every truncation stops at a whole command and says what is cut", () => {
    const words = Uint32Array.from(allWords);
    const ends: number[] = [];
    for (let count = 0; count <= words.length; count++) {
      const reader = new CommandReader().open(words, 0, count);
      let step = reader.next();
      while (step === true) step = reader.next();
      if (step === false) ends.push(count);
      else expect(step).toMatch(/is cut off$/);
    }
    expect(ends).toEqual([0, 5, 10, 12, 16, 20, 25, 27, 31, 32]);
  });

  test("random words end, with the end or a reason", () => {
    const draws = new Draws(seed);
    const outcomes = new Set<string>();
    for (let round = 0; round < 2_000; round++) {
      const words = Uint32Array.from({ length: draws.below(12) }, () =>
        draws.below(2) === 0 ? draws.u32() : draws.pick(allWords),
      );
      const reader = new CommandReader().open(words, draws.below(3), draws.below(16));
      let step = reader.next();
      for (let count = 0; step === true; count++) {
        expect(count).toBeLessThan(16);
        step = reader.next();
      }
      outcomes.add(step === false ? "end" : step.replace(/\d+/g, "n").replace(/command, .* is/, "command is"));
    }
    expect([...outcomes].sort()).toEqual([
      "end",
      "its commands reach beyond the words of the device",
      "its last command is cut off",
      "word n is no head of a command",
    ]);
  });
});
