/**
 * Records between two programs: controls and settings have numbers by their places in lists of names, so a record that
 * was meant for one program is given the numbers of the other. What the other does not know is left out.
 *
 * Given a program, or the names of its hashed spans as a journal has them, hands on those lists and a translator.
 */
import { type ConfigComponent, settingNames } from "../input/config.ts";
import { type ControlsComponent, controlNames } from "../input/controls.ts";
import type { WorldRecord } from "../input/record.ts";
import type { Program } from "../sim/program.ts";

/** Controls and settings of a program, in the order of their numbers. */
export interface RecordNames {
  readonly controls: readonly string[];
  readonly settings: readonly string[];
}

/** Those of a program, or of a game that it is made of. */
export function recordNamesOf(of: {
  readonly controls?: ControlsComponent;
  readonly config?: ConfigComponent;
}): RecordNames {
  const { controls, config } = of;
  return {
    controls: controls === undefined ? [] : controlNames(controls.controls),
    settings: config === undefined ? [] : settingNames(config),
  };
}

/** Every control and every setting has a column, so the spans of a program name them all, in the same order. */
export function recordNamesIn(spans: readonly string[]): RecordNames {
  const fieldsOf = (owner: string): string[] =>
    spans.filter((name) => name.startsWith(owner)).map((name) => name.slice(owner.length));
  return { controls: fieldsOf("Controls."), settings: fieldsOf("Config.") };
}

/** Gives a record of `from` the numbers of `to`; undefined when it has no meaning there. */
export function recordTranslator(from: RecordNames, to: Program): (record: WorldRecord) => WorldRecord | undefined {
  const now = recordNamesOf(to);
  const controls = numbersIn(from.controls, now.controls);
  const settings = numbersIn(from.settings, now.settings);
  return (record) => {
    if (record.kind === "button" || record.kind === "axis") {
      const control = controls[record.control];
      return control === undefined || control < 0 ? undefined : { ...record, control };
    }
    if (record.kind !== "config") return record;
    const setting = settings[record.setting];
    return setting === undefined || setting < 0 ? undefined : { ...record, setting };
  };
}

function numbersIn(from: readonly string[], to: readonly string[]): number[] {
  return from.map((name) => to.indexOf(name));
}
