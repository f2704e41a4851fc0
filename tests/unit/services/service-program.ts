/**
 * The program of the services tests: as a thread it is the flush thread or a thread that speaks; started as a
 * process it speaks a little and then ends as its arguments say. See services.test.ts.
 */
import { parentPort } from "node:worker_threads";
import { type ThreadData, threadData } from "../../../runtime/host/threads.ts";
import { type FlushThreadData, runFlushThread } from "../../../runtime/services/flush-thread.ts";
import { LineSink } from "../../../runtime/services/line-sink.ts";
import { openSeat, type ServiceSeat, Services } from "../../../runtime/services/services.ts";

export interface SpeakerData extends ThreadData {
  readonly role: "speaker";
  readonly seat: ServiceSeat;
  readonly messageCount: number;
  /** How the thread ends when it has spoken. */
  readonly end: "return" | "throw" | "exit" | "hang";
}

export const programNotes = [{ name: "said", level: "info", text: "message {0}" }] as const;

const data = threadData();
// The test takes the notes from here: in its process nothing is to run.
if (data === undefined) {
  if (import.meta.main) runProcess(process.argv[2]!, process.argv[3]!);
} else if (data.role === "service") runFlushThread(data as FlushThreadData);
else if (data.role === "speaker") speak(data as SpeakerData);

function speak({ seat, messageCount, end }: SpeakerData): void {
  const { log, telemetry } = openSeat(seat);
  for (let number = 1; number <= messageCount; number++) {
    log.note(0, number);
    telemetry.count(0);
  }
  parentPort!.postMessage("spoken");
  if (end === "throw") throw new Error("as it was told");
  if (end === "exit") process.exit(3);
  if (end === "hang") for (;;);
}

function runProcess(end: string, path: string): void {
  if (end === "sink") {
    fillSink(path);
    return;
  }
  const services = new Services({
    sources: ["main"],
    notes: programNotes,
    metrics: [],
    level: "info",
    ...(end === "stderr" ? {} : { logPath: path }),
  });
  const { log } = openSeat(services.seat("main"));
  log.note(0, 1);
  // The wait at the end of a process is for lines, not for a thread that has yet to start.
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  while (services.audit().read === 0) Atomics.wait(nobody, 0, 0, 1);
  for (let number = 2; number <= 500; number++) log.note(0, number);
  log.error("the last words\u001b[31m\n", 1, 2);
  if (end === "throw") throw new Error("as it was told");
  if (end === "exit") process.exit(3);
}

/** Appends lines of 100 bytes, 7 at a time, until one append fails, and says what it thinks is in the file. */
function fillSink(path: string): void {
  const sink = new LineSink(path);
  const lines = `${"x".repeat(99)}\n`.repeat(7);
  let count = 0;
  while (count < 1_000 && sink.append(lines) === "written") count++;
  const again = sink.append(`${"y".repeat(9)}\n`);
  console.log(JSON.stringify({ count, again, problem: sink.problem }));
}
