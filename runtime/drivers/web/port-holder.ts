/**
 * Finds out who holds a TCP port, for a message only. It reads Linux's /proc; elsewhere, or where
 * the holder belongs to somebody else, it says less or nothing. It never fails.
 */
import { readdir, readFile, readlink } from "node:fs/promises";

/** The connection table's code for a socket that listens. */
const listenState = "0A";

/** Such as "node (process 4711)", or "" when nothing can be found out. */
export async function findPortHolder(port: number): Promise<string> {
  try {
    const socket = await findListeningSocket(port);
    if (socket === undefined) return "";
    const process = await findSocketProcess(socket.inode);
    return process ?? `a process of user ${socket.user}`;
  } catch {
    return "";
  }
}

/** Columns: sl local_address rem_address st queues tr:when retrnsmt uid timeout inode. */
async function findListeningSocket(port: number): Promise<{ inode: string; user: string } | undefined> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await readFile(table, "utf8").catch(() => "");
    for (const line of text.split("\n").slice(1)) {
      const columns = line.trim().split(/\s+/);
      if (columns[1]?.endsWith(suffix) === true && columns[3] === listenState)
        return { inode: columns[9] ?? "", user: columns[7] ?? "" };
    }
  }
  return undefined;
}

async function findSocketProcess(inode: string): Promise<string | undefined> {
  const wanted = `socket:[${inode}]`;
  for (const process of await readdir("/proc")) {
    if (!/^\d+$/.test(process)) continue;
    const descriptors = await readdir(`/proc/${process}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${process}/fd/${descriptor}`).catch(() => "");
      if (target !== wanted) continue;
      const name = (await readFile(`/proc/${process}/comm`, "utf8").catch(() => "")).trim();
      return `${name === "" ? "a program" : name} (process ${process})`;
    }
  }
  return undefined;
}
