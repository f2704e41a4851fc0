/**
 * The status line: what the runtime is doing, in small print along the lower edge. Its text changes
 * ten times a second at most; faster could not be read.
 */
import type { PacketHeader } from "../../../../engine/render/packet.ts";
import { makeElement, setText } from "./element.ts";
import { hashText } from "./hud-text.ts";
import type { Connection } from "./link.ts";
import type { Drawn } from "./stage.ts";

const refreshMillis = 100;

const names = [
  "connection",
  "tick",
  "hash",
  "frame",
  "step",
  "dropped",
  "workers",
  "idle",
  "rung",
  "drawn",
  "particles",
  "rate",
  "quality",
] as const;
/** What a field means, where its name alone does not say it. */
const hints: Partial<Record<(typeof names)[number], string>> = {
  frame: "what the last frame cost the coordinator",
  step: "what the last tick cost",
  dropped: "ticks that were dropped because the world could not keep up",
  workers: "threads that run jobs beside the coordinator",
  idle: "share of the frame in which the coordinator had nothing to do",
  rung: "steps of the budget's ladder that are taken; 0 is the whole quality",
  drawn: "instances that this page's camera sees or that cast shadows for it",
};
const labels: Readonly<Record<(typeof names)[number], string>> = {
  connection: "",
  tick: "tick",
  hash: "hash",
  frame: "frame",
  step: "step",
  dropped: "dropped",
  workers: "workers",
  idle: "idle",
  rung: "rung",
  drawn: "drawn",
  particles: "particles",
  rate: "fps",
  quality: "quality",
};

export interface StatusFacts {
  readonly header: PacketHeader | undefined;
  readonly connection: Connection;
  readonly framesPerSecond: number;
  readonly quality: string;
  readonly drawn: Drawn | undefined;
}

export class Status {
  readonly #values: Record<(typeof names)[number], HTMLElement>;
  readonly #root: HTMLElement;
  #refreshedMillis = Number.NEGATIVE_INFINITY;

  constructor(root: HTMLElement) {
    this.#root = root;
    const values: Partial<Record<(typeof names)[number], HTMLElement>> = {};
    for (const name of names) {
      const field = makeElement("span", `status-field status-${name}`);
      field.title = hints[name] ?? "";
      const value = makeElement("span", "status-value", "–");
      if (labels[name] !== "") field.append(makeElement("span", "status-label", labels[name]));
      field.append(value);
      root.append(field);
      values[name] = value;
    }
    this.#values = values as Record<(typeof names)[number], HTMLElement>;
  }

  show(facts: StatusFacts, nowMillis: number): void {
    if (nowMillis - this.#refreshedMillis < refreshMillis) return;
    this.#refreshedMillis = nowMillis;
    const { header, connection } = facts;
    this.#root.dataset["connection"] = connection;
    setText(this.#values.connection, connection);
    setText(this.#values.rate, facts.framesPerSecond.toFixed(0));
    setText(this.#values.quality, facts.quality);
    setText(this.#values.drawn, String(facts.drawn?.instances ?? 0));
    setText(this.#values.particles, String(facts.drawn?.particles ?? 0));
    if (header === undefined) return;
    setText(this.#values.workers, String(header.workerCount));
    setText(this.#values.idle, `${header.idlePercent}%`);
    setText(this.#values.rung, String(header.rung));
    this.#values.rung.classList.toggle("status-reduced", header.rung > 0);
    setText(this.#values.tick, String(header.tick));
    setText(this.#values.hash, hashText(header.hashHigh, header.hashLow));
    setText(this.#values.frame, millisText(header.frameCostMicros));
    setText(this.#values.step, millisText(header.tickCostMicros));
    setText(this.#values.dropped, String(header.droppedTickCount));
  }
}

function millisText(micros: number): string {
  return `${(micros / 1000).toFixed(2)} ms`;
}
