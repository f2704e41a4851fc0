/**
 * Migrations: how values of a component of an older program become values of one of this program, when the code of a
 * running world is replaced. What has the same name and type moves by itself; a migration is for the rest: another type,
 * another shape, another name.
 *
 *     defineMigration({
 *       from: { component: "Tug", fields: { energy: u16 } },
 *       to: Tug,
 *       move: ({ energy }) => ({ energy: energy / 100 }),
 *     })
 *
 * It names the fields that it reads with the types that they had, so it is used for that shape alone: once the world has
 * moved it does nothing, and it may stay in the game. It is world code: a pure function of what it is given.
 */
import { raise } from "../base/faults.ts";
import { type Component, checkName, type Fields, type ValuesOf } from "./component.ts";

/**
 * Values of an older component: a number for a scalar field, a list for a fixed array. A field's type does not say which of
 * the two it is, so a value may be used as either.
 */
export type OldValues<F extends Fields> = { readonly [K in keyof F]: number & readonly number[] };

export interface MigrationDefinition<F extends Fields, C extends Component> {
  /** The component as it was: its name, and the fields that `move` reads. */
  readonly from: { readonly component: string; readonly fields: F };
  readonly to: C;
  /** Values of one entity; what is left out keeps its value where name and type are the same, and else its default. */
  move(old: OldValues<F>): Partial<ValuesOf<C["fields"]>>;
}

/** A migration with its type parameters forgotten, as programs keep it. */
export interface Migration {
  readonly from: { readonly component: string; readonly fields: Fields };
  readonly to: Component;
  // biome-ignore lint/suspicious/noExplicitAny: each migration's own values are checked by defineMigration.
  move(old: any): Readonly<Record<string, number | boolean | readonly number[] | undefined>>;
}

/** Defines a migration for the list `migrations` of a game. Raises "bad-definition". */
export function defineMigration<const F extends Fields, const C extends Component>(
  definition: MigrationDefinition<F, C>,
): Migration {
  const { from, to } = definition;
  checkName("component", from.component);
  for (const field of Object.keys(from.fields)) checkName("field", field);
  if (Object.keys(from.fields).length === 0 && from.component === to.name)
    raise("bad-definition", {
      ...{ what: "migration", name: `${from.component} -> ${to.name}`, problem: "it reads no field" },
      remedy: "Name in `from.fields` the fields that changed, with the types that they had.",
    });
  return Object.freeze(definition) as unknown as Migration;
}
