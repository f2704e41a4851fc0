/**
 * Input files: what players do, as text. One JSON object a line, in ascending order of ticks; blank
 * lines and lines that begin with # are left out.
 *
 *   {"tick":1,"player":1,"join":"ada"}                       a player takes a seat
 *   {"tick":60,"player":1,"control":"thrust","value":1}      an axis moves; a button goes down (1) or up (0)
 *   {"tick":90,"player":1,"press":"start"}                   a button goes down and up within one tick
 *   {"tick":30,"set":"bots","value":3}                       a setting changes
 *   {"tick":3000,"player":1,"leave":true}                    a player leaves
 *
 * `tick` is the tick at which the record enters; the first is 1. Every mistake is the fault
 * "input-file" with line and column, before anything has run.
 */
import { readFileSync } from "node:fs";
import { FaultError, faultText, raise } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import { checkSetting, settingNames } from "../../engine/input/config.ts";
import { controlNames } from "../../engine/input/controls.ts";
import { playerNameBytesMax, type WorldRecord } from "../../engine/input/record.ts";
import type { ScriptedRecord } from "../world/engine-thread.ts";

/** Reads an input file for a game. Raises "file-missing" or "input-file". */
export function readInputFile(path: string, game: Game): ScriptedRecord[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (thrown) {
    return raise("file-missing", { path, purpose: "input file" }, thrown);
  }
  return parseInput(text, path, game);
}

/** The records of an input file's text. */
export function parseInput(text: string, path: string, game: Game): ScriptedRecord[] {
  const script: ScriptedRecord[] = [];
  let lastTick = 1;
  // Some editors put a byte order mark in front of a text; it is no part of it.
  text
    .replace(/^\ufeff/, "")
    .split("\n")
    .forEach((source, at) => {
      if (/^\s*(#|$)/.test(source)) return;
      const line = new InputLine(source, path, at + 1, game);
      const tick = line.whole("tick", 1, 2 ** 32 - 1);
      if (tick < lastTick)
        line.refuse("tick", `tick ${tick} comes after tick ${lastTick}; lines are in ascending order`);
      lastTick = tick;
      for (const record of line.records()) script.push({ tick, record });
    });
  return script;
}

const kinds = ["join", "leave", "control", "press", "set"] as const;

class InputLine {
  readonly #source: string;
  readonly #path: string;
  readonly #line: number;
  readonly #game: Game;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(source: string, path: string, line: number, game: Game) {
    this.#source = source;
    this.#path = path;
    this.#line = line;
    this.#game = game;
    this.#fields = this.#parse();
  }

  /** The records that the line stands for, in their order. */
  records(): WorldRecord[] {
    const kind = kinds.filter((name) => name in this.#fields);
    if (kind.length !== 1)
      this.#refuseAt(
        1,
        kind.length === 0 ? `the line names none of ${kinds.join(", ")}` : `the line names both ${kind.join(" and ")}`,
      );
    switch (kind[0]!) {
      case "join": {
        this.#allowOnly("tick", "player", "join");
        const name = this.#text("join");
        if (new TextEncoder().encode(name).length > playerNameBytesMax)
          this.refuse("join", `the name is longer than ${playerNameBytesMax} bytes`);
        return [{ kind: "join", player: this.#player(), name }];
      }
      case "leave":
        this.#allowOnly("tick", "player", "leave");
        if (this.#fields["leave"] !== true) this.refuse("leave", "leave is written as true");
        return [{ kind: "leave", player: this.#player() }];
      case "press": {
        this.#allowOnly("tick", "player", "press");
        const { control, isAxis, name } = this.#control("press");
        if (isAxis) this.refuse("press", `${name} is an axis; give it a value with "control"`);
        const player = this.#player();
        return [
          { kind: "button", player, control, down: true },
          { kind: "button", player, control, down: false },
        ];
      }
      case "control": {
        this.#allowOnly("tick", "player", "control", "value");
        const { control, isAxis, name } = this.#control("control");
        const player = this.#player();
        const value = this.#number("value");
        if (isAxis) {
          if (value < -1 || value > 1) this.refuse("value", `the axis ${name} is between -1 and 1, not ${value}`);
          return [{ kind: "axis", player, control, value: Math.fround(value) + 0 }];
        }
        if (value !== 0 && value !== 1) this.refuse("value", `the button ${name} is 1 (down) or 0 (up), not ${value}`);
        return [{ kind: "button", player, control, down: value === 1 }];
      }
      case "set": {
        this.#allowOnly("tick", "set", "value");
        const name = this.#text("set");
        const names = this.#game.config === undefined ? [] : settingNames(this.#game.config);
        const setting = names.indexOf(name);
        if (setting < 0)
          this.refuse("set", `there is no setting "${name}"; the game has ${names.join(", ") || "none"}`);
        const value = this.#number("value");
        try {
          checkSetting(name, this.#game.config!.settings[name]!, value);
        } catch (thrown) {
          if (thrown instanceof FaultError) this.refuse("value", faultText(thrown.fault).replace(/\.$/, ""));
          throw thrown;
        }
        return [{ kind: "config", setting, value }];
      }
    }
  }

  whole(name: string, min: number, max: number): number {
    const value = this.#number(name);
    if (!Number.isInteger(value) || value < min || value > max)
      this.refuse(name, `${name} is a whole number from ${min} to ${max}, not ${value}`);
    return value;
  }

  /** Raises "input-file" at the place of a field. */
  refuse(name: string, problem: string): never {
    return this.#refuseAt(Math.max(0, this.#source.indexOf(`"${name}"`)) + 1, problem);
  }

  #player(): number {
    return this.whole("player", 1, 65_535);
  }

  #control(field: string): { control: number; isAxis: boolean; name: string } {
    const name = this.#text(field);
    const definitions = this.#game.controls?.controls ?? {};
    const names = controlNames(definitions);
    const control = names.indexOf(name);
    if (control < 0) this.refuse(field, `there is no control "${name}"; the game has ${names.join(", ") || "none"}`);
    return { control, isAxis: definitions[name]!.kind === "axis", name };
  }

  #text(name: string): string {
    const value = this.#fields[name];
    return typeof value === "string" ? value : this.refuse(name, `${name} is a text in quotes`);
  }

  #number(name: string): number {
    const value = this.#fields[name];
    if (value === undefined) this.#refuseAt(1, `the line has no ${name}`);
    return typeof value === "number" ? value : this.refuse(name, `${name} is a number`);
  }

  #allowOnly(...names: readonly string[]): void {
    for (const name of Object.keys(this.#fields))
      if (!names.includes(name))
        this.refuse(name, `"${name}" does not belong here; this line takes ${names.join(", ")}`);
  }

  #parse(): Readonly<Record<string, unknown>> {
    let value: unknown;
    try {
      value = JSON.parse(this.#source);
    } catch (thrown) {
      const problem = (thrown as Error).message
        .replace(/,? ?(in JSON )?at position.*$/, "")
        .replace(/, (\.\.\.)?"[\s\S]*$/, "");
      this.#refuseAt(jsonErrorOffset(this.#source) + 1, `this is not JSON: ${problem}`);
    }
    if (typeof value !== "object" || value === null || Array.isArray(value))
      this.#refuseAt(1, "a line is one JSON object");
    return value as Readonly<Record<string, unknown>>;
  }

  #refuseAt(column: number, problem: string): never {
    return raise("input-file", { path: this.#path, line: this.#line, column, problem });
  }
}

/**
 * Where the first mistake of a JSON text is. V8 says so for most mistakes; for an unexpected token it
 * does not, and then the shortest beginning that cannot be continued ends with it.
 */
function jsonErrorOffset(source: string): number {
  for (let length = 1; length <= source.length; length++) {
    const message = jsonProblem(source.slice(0, length));
    const position = /position (\d+)/.exec(message)?.[1];
    if (position !== undefined && Number(position) < length) return Number(position);
    if (message.startsWith("Unexpected token")) return length - 1;
  }
  return source.length;
}

function jsonProblem(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (thrown) {
    return (thrown as Error).message;
  }
}
