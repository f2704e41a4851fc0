/**
 * Records between two programs: controls and settings have numbers by their places in lists of names, so a record that
 * was meant for one program is given the numbers of the other. What the other does not know is left out.
 */
import { settingNames } from "../input/config.ts";
import { controlNames } from "../input/controls.ts";
import type { WorldRecord } from "../input/record.ts";
import type { Program } from "../sim/program.ts";

/** Gives a record of `from` the numbers of `to`; undefined when it has no meaning there. */
export function recordTranslator(from: Program, to: Program): (record: WorldRecord) => WorldRecord | undefined {
  const controls = numbersIn(controlNames(from.controls.controls), controlNames(to.controls.controls));
  const settings = numbersIn(settingNames(from.config), settingNames(to.config));
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
