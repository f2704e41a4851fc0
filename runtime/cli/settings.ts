/** Settings given on the command line as name=value, as records that enter at the first tick. */
import { raise } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import { checkSetting, settingNames } from "../../engine/input/config.ts";
import type { ScriptedRecord } from "../world/engine-thread.ts";

/** Raises "usage" for an unknown name and "config-invalid" for a value out of range. */
export function settingRecords(game: Game, given: readonly string[]): ScriptedRecord[] {
  return given.map((text) => {
    const [name = "", value = ""] = text.split("=", 2);
    const names = game.config === undefined ? [] : settingNames(game.config);
    const setting = names.indexOf(name);
    if (setting < 0)
      raise("usage", {
        problem: `There is no setting "${name}".`,
        suggestion:
          names.length === 0 ? "The game has no settings." : `Use --set name=value with one of: ${names.join(", ")}.`,
      });
    const number = value.trim() === "" ? Number.NaN : Number(value);
    checkSetting(name, game.config!.settings[name]!, number);
    return { tick: 1, record: { kind: "config", setting, value: number } };
  });
}
