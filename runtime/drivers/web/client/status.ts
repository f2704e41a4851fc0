/**
 * The status line: what the runtime is doing, in small print along the lower edge. Its text changes
 * ten times a second at most; faster could not be read.
 */
import type { PacketHeader } from "../../../../engine/render/packet.ts";
import { makeElement, setText } from "./element.ts";
import { hashText } from "./hud-text.ts";
import type { Connection } from "./link.ts";

const refreshMillis = 100;

const names = ["connection", "tick", "hash", "frame", "step", "dropped", "rate", "quality"] as const;
const labels: Readonly<Record<(typeof names)[number], string>> = {
  connection: "",
  tick: "tick",
  hash: "hash",
  frame: "frame",
  step: "step",
  dropped: "dropped",
  rate: "fps",
  quality: "quality",
};

export interface StatusFacts {
  readonly header: PacketHeader | undefined;
  readonly connection: Connection;
  readonly framesPerSecond: number;
  readonly quality: string;
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
    if (header === undefined) return;
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
