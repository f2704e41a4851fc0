/**
 * Where a fault happened: the moment of the world it happened in, and what its own fields say of the place. One shape
 * for every fault, so that a terminal, a page and a tool show it alike.
 */
import type { Fault } from "./faults.ts";

/** The moment of a world at which a fault was raised, as its engine knew it. */
export interface FaultMoment {
  /** The tick that was being made, or the last one when none was. */
  readonly tick: number;
  readonly frame: number;
  /** Phase of the tick or stage of the frame; "" between them. */
  readonly phase: string;
  /** "" when none ran. */
  readonly system: string;
}

/** The place of a fault; what is not known is left out. */
export interface FaultPlace {
  readonly tick?: number;
  readonly frame?: number;
  readonly phase?: string;
  readonly system?: string;
  readonly job?: string;
  readonly chunk?: number;
  readonly component?: string;
  readonly field?: string;
  /** Index of the entity. */
  readonly entity?: number;
  /** file:line:column of the author's source. */
  readonly source?: string;
}

/** What is known of the place of `fault`: its own fields count more than the moment. */
export function faultPlace(fault: Fault, moment?: FaultMoment): FaultPlace {
  const fields = fault.fields as Readonly<Record<string, unknown>>;
  const text = (...names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = fields[name];
      if (typeof value === "string" && value !== "") return value;
    }
    return undefined;
  };
  const count = (...names: readonly string[]): number | undefined => {
    for (const name of names) {
      const value = fields[name];
      if (typeof value === "number") return value;
    }
    return undefined;
  };
  return known({
    tick: count("tick") ?? moment?.tick,
    frame: moment?.frame,
    phase: text("phase") ?? moment?.phase,
    system: text("system") ?? moment?.system,
    job: text("job"),
    chunk: count("chunk"),
    component: text("component"),
    field: text("field"),
    entity: count("index", "entity"),
    source: text("place"),
  });
}

/** "tick 1841, frame 900, gameplay, system pull-crates, entity 512, Velocity.x, at game/x.ts:3:5"; "" when nothing is known. */
export function faultPlaceText(place: FaultPlace): string {
  const { tick, frame, phase, system, job, chunk, component, field, entity, source } = place;
  const parts = [
    tick === undefined ? "" : `tick ${tick}`,
    frame === undefined ? "" : `frame ${frame}`,
    phase ?? "",
    system === undefined ? "" : `system ${system}`,
    job === undefined ? "" : `job ${job}${chunk === undefined ? "" : `, chunk ${chunk}`}`,
    entity === undefined || entity === 0 ? "" : `entity ${entity}`,
    component === undefined ? "" : field === undefined ? component : `${component}.${field}`,
    source === undefined ? "" : `at ${source}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function known(place: { readonly [K in keyof FaultPlace]: FaultPlace[K] | undefined }): FaultPlace {
  return Object.fromEntries(
    Object.keys(place)
      .sort()
      .map((key) => [key, place[key as keyof FaultPlace]] as const)
      .filter(([, value]) => value !== undefined && value !== ""),
  );
}
