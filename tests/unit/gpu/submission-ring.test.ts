/** The submission ring: entries come out as they went in, dead claims are left out, a full ring says so, arrival means nothing. */
import { describe, expect, test } from "vitest";
import { CommandRecorder } from "../../../engine/gpu/commands.ts";
import { NullDevice } from "../../../engine/gpu/null-device.ts";
import { RingEntry, SubmissionRing, submissionRingWords } from "../../../engine/gpu/submission-ring.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { raised } from "./faults.ts";

const capacity = 4;

function makeRing(): { words: Int32Array; ring: SubmissionRing } {
  const words = new Int32Array(new SharedArrayBuffer(submissionRingWords(capacity) * 4));
  return { words, ring: new SubmissionRing(words, "compute", capacity) };
}
function entry(sequence: number, more: Partial<RingEntry> = {}): RingEntry {
  return Object.assign(new RingEntry(), { frame: 1, order: 0, sequence, signalValue: sequence + 1, ...more });
}
function drained(ring: SubmissionRing): { entries: RingEntry[]; refusedCount: number } {
  const entries: RingEntry[] = [];
  const refusedCount = ring.drain((each) => {
    const { waits, ...fields } = each;
    const copy = Object.assign(new RingEntry(), fields);
    copy.waits.set(waits);
    entries.push(copy);
  });
  return { entries, refusedCount };
}

describe("the ring", () => {
  test("gives what it was given, u32 values whole, and is empty afterwards", () => {
    const { ring } = makeRing();
    const sent = entry(0xffff_fffe, {
      frame: 0xffff_ffff,
      order: 0x8000_0000,
      label: 7,
      commandAt: 0x9000_0000,
      commandWordCount: 12,
      signalValue: 0xffff_ffff,
    });
    sent.waits.set([0xffff_ffff, 0, 3, 0x8000_0001]);
    expect([ring.submit(sent), ring.submit(entry(2))]).toEqual([true, true]);
    expect(drained(ring)).toEqual({ entries: [sent, entry(2)], refusedCount: 0 });
    expect(drained(ring)).toEqual({ entries: [], refusedCount: 0 });
  });

  test("refuses what it has no place for, says how many, and takes again after the drain", () => {
    const { ring } = makeRing();
    const taken = Array.from({ length: 7 }, (_, i) => ring.submit(entry(i)));
    expect(taken).toEqual([true, true, true, true, false, false, false]);
    const { entries, refusedCount } = drained(ring);
    expect([entries.map(({ sequence }) => sequence), refusedCount]).toEqual([[0, 1, 2, 3], 3]);
    expect([ring.submit(entry(9)), drained(ring).entries.length]).toEqual([true, 1]);
  });

  test("leaves out an entry that was claimed by a thread that died, and uses its place again", () => {
    const { words, ring } = makeRing();
    ring.submit(entry(0));
    // What a thread leaves that dies between its claim and its mark: a claimed entry, half written.
    const at = 16 + Atomics.add(words, 0, 1) * 12;
    words[at] = 1;
    words[at + 3] = 99;
    ring.submit(entry(2));
    expect(drained(ring).entries).toEqual([entry(0), entry(2)]);
    for (let i = 0; i < capacity; i++) ring.submit(entry(i));
    expect(drained(ring).entries).toEqual([entry(0), entry(1), entry(2), entry(3)]);
  });
});

describe("on a device", () => {
  const costs = [5, 7, 11, 13];

  /** The timeline of four submissions that arrive in `arrival` order, some of them twice. */
  function timeline(arrival: readonly number[]): string[] {
    const commandMemory = new Uint32Array(64);
    const device = new NullDevice({ clock: new ManualClock(), commandMemory });
    const words = new Int32Array(new SharedArrayBuffer(submissionRingWords(16) * 4));
    const ring = new SubmissionRing(words, "compute", 16);
    const fences = costs.map(() => device.reserve("compute"));
    for (const i of arrival) {
      const recorder = new CommandRecorder(commandMemory, i * 8, 8);
      recorder.dispatch(1, 1, 1, costs[i] as number);
      ring.submit(
        entry(i, {
          label: device.label(`job ${i}`),
          commandAt: i * 8,
          commandWordCount: recorder.wordCount,
          signalValue: (fences[i] as { value: number }).value,
        }),
      );
    }
    device.drain(ring);
    device.seal();
    const spans: string[] = [];
    device.drainTimeline(({ label, startMicros, endMicros }) => spans.push(`${label} ${startMicros}..${endMicros}`));
    // Labels are numbered by arrival here, so only the times are compared.
    return spans.map((span) => span.split(" ")[1] as string);
  }

  test("all orders of arrival give one timeline, also when work was done twice", () => {
    const expected = ["0..5", "5..12", "12..23", "23..36"];
    const orders = permutations([0, 1, 2, 3]);
    expect(orders.length).toBe(24);
    for (const order of orders) {
      expect(timeline(order)).toEqual(expected);
      expect(timeline([...order, order[0] as number, order[2] as number])).toEqual(expected);
    }
  });

  test("a ring that was too small is a fault, not a lost submission", () => {
    const device = new NullDevice({ clock: new ManualClock() });
    const { ring } = makeRing();
    for (let i = 0; i < 6; i++) ring.submit(entry(i));
    expect(raised(() => device.drain(ring))).toBe(
      "gpu-misuse: The submission ring of compute is refused by the graphics device: 2 submissions found no place among its 4.",
    );
  });

  test("commands beyond the memory of the device are refused at the seal", () => {
    const device = new NullDevice({ clock: new ManualClock(), commandMemory: new Uint32Array(8) });
    const { ring } = makeRing();
    device.reserve("compute");
    ring.submit(entry(0, { commandAt: 8, commandWordCount: 4 }));
    device.drain(ring);
    expect(raised(() => device.seal())).toContain("its commands reach beyond the words of the device");
  });
});

function permutations<T>(list: readonly T[]): T[][] {
  if (list.length === 0) return [[]];
  return list.flatMap((first, i) => permutations(list.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}
