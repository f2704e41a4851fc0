/**
 * The stack of a thread that runs without end: it is stopped by the inspector, which reaches into loops, and asked where it
 * stands. For a thread that is going to be ended: it is of no use to anybody afterwards.
 */
import type { Debugger, NodeWorker, Session } from "node:inspector";
import type { Worker } from "node:worker_threads";

/** What a debugger in the thread says. */
type Message =
  | { readonly method: "Debugger.scriptParsed"; readonly params: Debugger.ScriptParsedEventDataType }
  | { readonly method: "Debugger.paused"; readonly params: Debugger.PausedEventDataType }
  | { readonly method?: undefined; readonly params?: undefined };

/** Frames that are told at most. */
const frameMax = 12;

/** Whether somebody may have stopped this process or one of its threads, to look into it. */
export async function isDebugged(): Promise<boolean> {
  try {
    const { url } = await import("node:inspector");
    return url() !== undefined;
  } catch {
    // Where there is no inspector, nobody debugs by it.
    return false;
  }
}

/**
 * Lines as those of an error's stack, innermost first; "" when the thread cannot be stopped within `waitMillis`, as one that
 * sleeps or one that is within WebAssembly. Never rejects.
 */
export async function stackOf(worker: Worker, waitMillis: number): Promise<string> {
  try {
    const inspector = await import("node:inspector");
    const session = new inspector.Session();
    session.connect();
    // Not before its end: one that is stopped only now would then stand still for ever, and could not be ended.
    worker.once("exit", () => session.disconnect());
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve(""), waitMillis);
    const stack = await Promise.race([pauseOf(session, `[worker ${worker.threadId}] `), late.promise]);
    clearTimeout(timer);
    return stack;
  } catch {
    // An engine without an inspector: the thread is ended without a word of it.
    return "";
  }
}

/** A worker is known by how its title begins: the ids of the inspector are in no order. */
function pauseOf(session: Session, title: string): Promise<string> {
  const urls = new Map<string, string>();
  return new Promise((resolve) => {
    let own: string | undefined;
    const send = (id: number, method: string): void =>
      session.post("NodeWorker.sendMessageToWorker", { sessionId: own!, message: JSON.stringify({ id, method }) });
    session.on("NodeWorker.attachedToWorker", ({ params }: { params: NodeWorker.AttachedToWorkerEventDataType }) => {
      if (!params.workerInfo.title.startsWith(title)) return;
      own = params.sessionId;
      send(1, "Debugger.enable");
      send(2, "Debugger.pause");
    });
    session.on(
      "NodeWorker.receivedMessageFromWorker",
      ({ params }: { params: NodeWorker.ReceivedMessageFromWorkerEventDataType }) => {
        if (params.sessionId !== own) return;
        const said = JSON.parse(params.message) as Message;
        if (said.method === "Debugger.scriptParsed") urls.set(said.params.scriptId, said.params.url);
        if (said.method !== "Debugger.paused") return;
        // It goes on, and can be ended.
        send(3, "Debugger.disable");
        resolve(stackText(said.params.callFrames, urls));
      },
    );
    session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
  });
}

/** Lines of the inspector are counted from 0. */
function stackText(frames: readonly Debugger.CallFrame[], urls: ReadonlyMap<string, string>): string {
  return frames
    .slice(0, frameMax)
    .map(({ functionName, url, location }) => {
      const { scriptId, lineNumber, columnNumber = 0 } = location;
      const place = `${url || urls.get(scriptId) || "unknown"}:${lineNumber + 1}:${columnNumber + 1}`;
      return `    at ${functionName === "" ? "<anonymous>" : functionName} (${place})`;
    })
    .join("\n");
}
