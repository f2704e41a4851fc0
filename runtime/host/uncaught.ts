/**
 * What is thrown on the main thread outside of every call: by a timer, by a listener, by a promise that nobody handles.
 * Whoever runs something that is to end in good order says how; the last one who said so is told. Without anybody the
 * command tells it, and the process ends.
 *
 * The rule a reader could break: a host program that listens for such errors itself has caught them. Nothing happens here.
 */
import { isMainThread } from "node:worker_threads";
import { AssertionFailure } from "../../engine/base/assertions.ts";
import { type Fault, FaultError, faultOf, makeFault, placeOf } from "../../engine/base/faults.ts";

type Answer = (thrown: unknown) => void;

/** How long an end in good order may take. */
const endMillisMax = 60_000;
const answers: Answer[] = [tellAndEnd];
let isWatched = false;
let isTold = false;

/** For the start of a program and its launcher, before anything of a game runs. */
export function watchUncaught(): void {
  if (isWatched || !isMainThread) return;
  isWatched = true;
  process.on("uncaughtException", (thrown) => {
    if (process.listenerCount("uncaughtException") === 1) endFor(thrown);
  });
}

/** Has `answer` told of what nobody caught, until the function that it gives is called. */
export function answerUncaught(answer: Answer): () => void {
  answers.push(answer);
  return () => {
    const at = answers.lastIndexOf(answer);
    if (at >= 0) answers.splice(at, 1);
  };
}

/** Ends what runs for `thrown`, once: what is thrown on the way to the end is no news. */
export function endFor(thrown: unknown): void {
  if (isTold) return;
  isTold = true;
  process.exitCode = 1;
  setTimeout(() => process.exit(1), endMillisMax).unref();
  answers.at(-1)!(thrown);
}

/** Whether the process is to end because something was not caught, though a game's timers may go on. */
export function isEndingUncaught(): boolean {
  return isTold;
}

/** The fault that stands for what nobody caught. */
export function uncaughtFault(thrown: unknown): Fault {
  if (thrown instanceof FaultError || thrown instanceof AssertionFailure) return faultOf(thrown);
  return makeFault("uncaught", { message: messageOf(thrown), place: placeOf(thrown) });
}

/** Of a promise that was rejected with no error Node tells in a sentence, which ends with the reason. */
function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const isSentence = (thrown as { readonly code?: unknown }).code === "ERR_UNHANDLED_REJECTION";
  return (isSentence ? /rejected with the reason "(.*)"\.$/s.exec(thrown.message)?.[1] : undefined) ?? thrown.message;
}

/** Ends the process once all that was written has gone out. */
export function endProcess(code: number): void {
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
}

function tellAndEnd(thrown: unknown): void {
  void import("../cli/uncaught.ts").then(({ tellUncaught }) => tellUncaught(thrown));
}
