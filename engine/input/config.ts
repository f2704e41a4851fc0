/**
 * Config: the settings of a game that may be changed from outside, as one component of one entity.
 * A change enters as a record, so a journal holds it. The number of a setting is its place in the
 * sorted list of names.
 */
import { raise } from "../base/faults.ts";
import { type Component, defineComponent } from "../ecs/component.ts";
import { type Field, f64 } from "../ecs/field.ts";

export interface Setting {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
  /** What it is, with its unit. */
  readonly label: string;
}
export type SettingsDefinition = Readonly<Record<string, Setting>>;

/** A setting that holds a whole number from `min` to `max`. */
export function wholeSetting(label: string, defaultValue: number, min: number, max: number): Setting {
  return { label, default: defaultValue, min, max, whole: true };
}

/** A setting that holds any number from `min` to `max`. */
export function numberSetting(label: string, defaultValue: number, min: number, max: number): Setting {
  return { label, default: defaultValue, min, max, whole: false };
}

export type ConfigComponent<D extends SettingsDefinition = SettingsDefinition> = Component<
  "Config",
  { readonly [K in keyof D]: Field<"f64"> }
> & { readonly settings: D };

/** Declares a game's settings. The result is the component `Config`, carried by one entity. */
export function defineConfig<const D extends SettingsDefinition>(settings: D): ConfigComponent<D> {
  for (const [name, setting] of Object.entries(settings)) checkSetting(name, setting, setting.default);
  const component = defineComponent("Config", Object.fromEntries(Object.keys(settings).map((name) => [name, f64])), {
    writtenIn: [],
    shared: true,
  });
  return Object.freeze({ ...component, settings }) as unknown as ConfigComponent<D>;
}

/** Whether the setting may hold `value`. */
export function fitsSetting(setting: Setting, value: number): boolean {
  return value >= setting.min && value <= setting.max && (!setting.whole || Number.isInteger(value));
}

/** The number nearest to `value` that the setting may hold; of two whole ones that are as near, the greater. */
export function nearestFit({ min, max, whole }: Setting, value: number): number {
  if (!whole) return Math.min(max, Math.max(min, value));
  // Rounded to -0 it would be a zero with other bits.
  return Math.min(Math.floor(max), Math.max(Math.ceil(min), Math.round(value))) + 0;
}

/** What the setting may hold, such as "a whole number from 0 to 5". */
export function settingRange({ min, max, whole }: Setting): string {
  return `${whole ? "a whole number" : "a number"} from ${min} to ${max}`;
}

/** Raises "config-invalid" unless `value` fits the setting. */
export function checkSetting(name: string, setting: Setting, value: number): void {
  if (!fitsSetting(setting, value))
    raise("config-invalid", {
      setting: name,
      value: String(value),
      expected: `${settingRange(setting)} (${setting.label})`,
    });
}

/** Names of the settings in the order of their numbers. */
export function settingNames(config: ConfigComponent): readonly string[] {
  return Object.keys(config.settings).sort();
}
