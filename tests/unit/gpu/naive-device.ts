/**
 * The naive twin of the null device, for histories in tests: it keeps everything that ever happened as a
 * graph of nodes and answers each question by walking all of it. No vectors, no last uses, no forgetting.
 */
import type { LineName } from "../../../engine/gpu/queues.ts";

export interface NaiveUse {
  readonly kind: "read" | "write" | "upload" | "barrier";
  readonly resource: number;
}

export interface NaiveWork {
  readonly line: LineName;
  readonly value: number;
  readonly costMicros: number;
  readonly uses: readonly NaiveUse[];
  readonly waits: readonly { readonly line: LineName; readonly value: number }[];
}

interface Node extends NaiveWork {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly before: readonly Node[];
}

export class NaiveDevice {
  nowMicros = 0;
  readonly nodes: Node[] = [];
  readonly seen = new Set<Node>();
  readonly resources = new Map<number, { retiredAfter?: { line: LineName; value: number }; byteLength: number }>();
  freedBytes = 0;

  onLine(line: LineName): Node[] {
    return this.nodes.filter((node) => node.line === line);
  }
  /** The piece whose end lets `value` pass. */
  signaller(line: LineName, value: number): Node | undefined {
    return this.onLine(line).find((node) => node.value >= value);
  }
  hasPassed(line: LineName, value: number): boolean {
    if (value === 0) return true;
    const node = this.signaller(line, value);
    return node !== undefined && node.endMicros <= this.nowMicros;
  }
  look(line: LineName, value: number): boolean {
    const hasPassed = this.hasPassed(line, value);
    const node = this.signaller(line, value);
    if (hasPassed && value > 0 && node !== undefined) this.seen.add(node);
    return hasPassed;
  }
  ancestors(node: { readonly before: readonly Node[] }): Set<Node> {
    const found = new Set<Node>();
    const open = [...node.before];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(...next.before);
    }
    return found;
  }

  /** Runs what can run; returns the kinds of fault of which the device must raise one, or none. */
  seal(batch: readonly NaiveWork[]): Set<string> {
    const faults = new Set<string>();
    const waiting = [...batch];
    const fresh: Node[] = [];
    for (;;) {
      const i = waiting.findIndex(
        (work, at) =>
          !waiting.slice(0, at).some(({ line }) => line === work.line) &&
          work.waits.every(({ line, value }) => value === 0 || this.signaller(line, value) !== undefined),
      );
      if (i < 0) break;
      const [work] = waiting.splice(i, 1) as [NaiveWork];
      fresh.push(this.run(work, this.nowMicros));
    }
    if (waiting.length > 0) faults.add("queue-deadlock");
    for (const node of fresh) for (const fault of this.problems(node)) faults.add(fault);
    return faults;
  }

  run(work: NaiveWork, nowMicros: number): Node {
    const signallers = work.waits
      .filter(({ value }) => value > 0)
      .map(({ line, value }) => this.signaller(line, value) as Node);
    const previous = this.onLine(work.line).at(-1);
    const before = [...signallers, ...this.seen, ...(previous === undefined ? [] : [previous])];
    const startMicros = Math.max(nowMicros, previous?.endMicros ?? 0, ...signallers.map(({ endMicros }) => endMicros));
    const node = { ...work, startMicros, endMicros: startMicros + work.costMicros, before };
    this.nodes.push(node);
    return node;
  }

  /** What is wrong with a piece, seen with all others that have run: an unordered pair is wrong on both sides. */
  problems(node: Node): string[] {
    const problems: string[] = [];
    const mine = this.ancestors(node);
    node.uses.forEach(({ kind, resource }, at) => {
      const state = this.resources.get(resource);
      if (state === undefined || state.retiredAfter !== undefined) {
        problems.push("resource-retired");
        return;
      }
      if (kind === "barrier") return;
      const earlier = node.uses.slice(0, at).filter((use) => use.resource === resource);
      const lastWrite = earlier.findLastIndex((use) => isWrite(use));
      if (kind === "read" && lastWrite >= 0 && !earlier.slice(lastWrite).some((use) => use.kind === "barrier"))
        problems.push("gpu-misuse");
      const writers = this.nodes.filter((other) => touches(other, resource, true) && mine.has(other));
      if (kind === "read" && lastWrite < 0 && writers.length === 0) problems.push("resource-not-ready");
      for (const other of this.nodes) {
        if (other === node || !touches(other, resource, !isWrite({ kind, resource }))) continue;
        if (!mine.has(other) && !this.ancestors(other).has(node)) problems.push("resource-not-ready");
      }
    });
    return problems;
  }

  isHeld(resource: number): boolean {
    return this.nodes.some(
      (node) => node.endMicros > this.nowMicros && node.uses.some((use) => use.resource === resource && isUse(use)),
    );
  }
  collect(): number {
    let bytes = 0;
    for (const [id, { retiredAfter, byteLength }] of [...this.resources]) {
      if (retiredAfter === undefined || !this.hasPassed(retiredAfter.line, retiredAfter.value)) continue;
      if (!this.isHeld(id)) bytes += this.free(id, byteLength);
    }
    return bytes;
  }
  free(id: number, byteLength: number): number {
    this.resources.delete(id);
    this.freedBytes += byteLength;
    return byteLength;
  }
}

const isUse = ({ kind }: NaiveUse): boolean => kind !== "barrier";
const isWrite = ({ kind }: NaiveUse): boolean => kind === "write" || kind === "upload";

function touches(node: NaiveWork, resource: number, writesOnly: boolean): boolean {
  return node.uses.some((use) => use.resource === resource && isUse(use) && (!writesOnly || isWrite(use)));
}
