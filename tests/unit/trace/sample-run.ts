/**
 * A made-up run that uses everything a trace can hold: frames with nested stages, workers with chunks,
 * messages between them, asset loads over many frames, counters, marks and decisions. From real rings
 * by the real reader, so its file is one that the engine could have written.
 */
import { ChromeTrace } from "../../../engine/trace/chrome.ts";
import { TraceMemory } from "../../../engine/trace/memory.ts";
import { TraceNames } from "../../../engine/trace/names.ts";
import { TraceReader } from "../../../engine/trace/reader.ts";
import { Track } from "../../../engine/trace/track.ts";
import { Draws } from "../seeds.ts";

const originMicros = 5_000_000.125;
const frameMicros = 16_666;
const workerCount = 3;
const stages = ["snapshot", "jobs", "integrate", "assemble", "submit", "present", "publish", "budget"];
const systems = [
  "admit-records",
  "steer-tugs",
  "pull-crates",
  "step-bodies",
  "pull-bodies",
  "score",
  "world-transforms",
];
const jobs = ["cull", "skin", "particles", "lights", "level-of-detail"];

/** The file's text. About 60 events a frame. */
export function sampleRun(frameCount: number, seed = 7): string {
  const memory = TraceMemory.allocate({
    tracks: ["engine", "main", "worker 0", "worker 1", "worker 2", "gpu graphics"],
    eventsPerTrack: 4_096,
  });
  memory.turn(true);
  const names = new TraceNames(memory);
  const tick = names.add("tick", { a: "tick", isMark: true });
  const decision = names.add("budget decision", { category: "budget", a: "level", b: "frame" });
  const message = names.add("chunk handed out", { category: "job" });
  const load = names.add("load", { category: "assets", b: "bytes" });
  const frame = names.add("frame", { category: "frame", a: "frame" });
  const [idle, alive] = [names.add("idle share"), names.add("entities")];
  const numbers = (texts: readonly string[], a: string): number[] => texts.map((text) => names.add(text, { a }));
  const stageNames = numbers(stages, "items");
  const systemNames = numbers(systems, "entities");
  const jobNames = numbers(jobs, "chunk");
  const [engine, main, workers, gpu] = [
    new Track(memory, 0),
    new Track(memory, 1),
    [2, 3, 4].map((track) => new Track(memory, track)),
    new Track(memory, 5),
  ];
  const reader = new TraceReader(memory);
  const chrome = new ChromeTrace(memory, { game: "scrapyard", seed, workerCount, originMicros });
  let text = chrome.opening;
  const draws = new Draws(seed);
  let flowId = 0;
  for (let f = 0; f < frameCount; f++) {
    const start = originMicros + 1_000 + f * frameMicros + draws.between(0, 300);
    let now = start;
    engine.instant(tick, now, f);
    for (const name of systemNames) {
      const end = now + draws.between(40, 900);
      engine.span(name, now, end, 300 + f);
      now = end + draws.between(0.5, 4);
    }
    stageNames.forEach((name, stage) => {
      const begin = now;
      if (stages[stage] === "jobs") {
        let joined = begin;
        const ends = workers.map(() => begin + draws.between(8, 40));
        for (let chunk = 0; chunk < 12; chunk++) {
          const worker = chunk % workers.length;
          const track = workers[worker]!;
          const from = ends[worker]!;
          const to = from + draws.between(90, 900);
          if (chunk < workers.length) {
            engine.flowBegin(message, ++flowId, begin + 1 + chunk);
            track.flowEnd(message, flowId, from);
          }
          track.span(jobNames[chunk % jobNames.length]!, from + 1, to - 1, chunk);
          track.span(names.add("chunk"), from, to, chunk);
          ends[worker] = to + draws.between(1, 5);
          joined = Math.max(joined, to);
        }
        now = joined;
      } else now += draws.between(15, 500);
      engine.span(name, begin, now, stage);
      now += 0.75;
    });
    engine.span(frame, start, now, f);
    engine.counter(idle, now, 1 - (now - start) / frameMicros);
    engine.counter(alive, now, 300 + Math.floor(40 * draws.between(0, 1)) + f);
    if (f % 17 === 3) engine.instant(decision, now, draws.below(4), f);
    gpu.span(names.add("draw"), now + 200, now + 200 + draws.between(900, 4_000));
    if (f % 6 === 0) main.asyncBegin(load, f, start + 50, 1_000 * f);
    if (f % 6 === 5 && f > 24) main.asyncEnd(load, f - 5 - 6 * (f % 4), start + 80);
    main.span(names.add("send packet"), now + 100, now + 100 + draws.between(60, 300));
    if (f % 8 === 7) {
      reader.drain(chrome);
      text += chrome.take();
    }
  }
  memory.turn(false);
  reader.drain(chrome);
  return text + chrome.take() + chrome.closing(originMicros + 2_000 + (frameCount + 1) * frameMicros);
}
