/**
 * The log: what one note costs the thread that says it, against writing the same line to the null device with a
 * write call each, as a console does that waits for its file. Beside it, how many notes a second a flush thread
 * takes from the ring and words as lines of JSON. Notes are said in bursts that the ring has room for.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { devNull } from "node:os";
import { allocateLog, defineNotes, Log } from "../../engine/services/log.ts";
import { LogReader } from "../../engine/services/log-reader.ts";
import { MessageRing } from "../../engine/services/message-ring.ts";
import { epochClock } from "../../runtime/services/epoch-clock.ts";
import { logLine } from "../../runtime/services/log-line.ts";
import { type BenchSize, compare, keep, median, millisOf } from "./measure.ts";
import { type BenchGroup, type BenchRow, threeDigits, timeRow } from "./row.ts";

const noteRow = "log ring, a note with two numbers";
const drainRow = "log ring, notes worded as JSON lines";
const sources = ["bench"];
const notes = defineNotes([{ name: "late-tick", level: "info", text: "tick {0} took {1} us" }]);

export const logRing: BenchGroup = { rowNames: [noteRow, drainRow], run };

function run(size: BenchSize): readonly BenchRow[] {
  const burst = size === "whole" ? 800 : 4;
  const memory = allocateLog();
  const token = new MessageRing(memory.ring).register();
  const log = new Log(memory, { token, source: 0, clock: epochClock, notes });
  const reader = new LogReader(memory, notes, epochClock);
  const file = openSync(devNull, "w");
  const drainMillis: number[] = [];
  let characters = 0;
  const drain = (): number =>
    millisOf(() => {
      const count = reader.pass(burst, (message) => {
        characters += logLine(message, sources, "json").length;
      });
      if (count !== 0 && count !== burst) throw new Error(`${count} of ${burst} notes came`);
    });
  const comparison = compare({
    ...(size === "whole" ? { warmUpCount: 100, roundCount: 400 } : { warmUpCount: 1, roundCount: 2 }),
    prepare: () => void drainMillis.push(drain()),
    ours: () => {
      for (let i = 0; i < burst; i++) if (!log.note(0, i, 16_666)) throw new Error("a note was dropped");
    },
    peer: () => {
      for (let i = 0; i < burst; i++) {
        const micros = epochClock.nowMicros();
        const message = {
          source: 0,
          tick: 0,
          micros,
          note: "late-tick",
          text: `tick ${i} took 16666 us`,
          isCut: false,
        };
        writeSync(file, logLine({ ...message, level: "info", numbers: [i, 16_666] }, sources, "json"));
      }
    },
  });
  closeSync(file);
  keep(characters);
  const { oursMillis, peerMillis, ratio } = comparison;
  const said = timeRow(
    noteRow,
    { oursMillis: oursMillis / burst, peerMillis: peerMillis / burst, ratio },
    "line and write call",
  );
  const perSecond = (millis: number): string => `${threeDigits(burst / millis / 1e3)} M a second`;
  return [
    { ...said, ours: `${said.ours}, ${perSecond(oursMillis)}` },
    {
      ...{ name: drainRow, peer: "", ratio: "", goal: "", met: undefined },
      ours: perSecond(median(drainMillis.slice(drainMillis.length / 2))),
    },
  ];
}
