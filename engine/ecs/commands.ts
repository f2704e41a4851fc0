/**
 * Commands: staged structural changes. World code calls these in a tick up to the structure phase, which
 * applies them in the order in which they were staged. A spawned entity's handle is
 * reserved at once, so later commands of the same tick can name it.
 *
 * A handle that is stale when a command is staged is a fault. One that goes stale because an earlier
 * command of the same tick despawned its entity is skipped and counted: two systems may well want to
 * despawn the same crate. So is the removal of a component that is not there any more.
 */
import { raise } from "../base/faults.ts";
import { type Component, type Initial, noValues } from "./component.ts";
import type { Handle } from "./handle.ts";
import { Family, type Hierarchy, Parent } from "./hierarchy.ts";
import type { Store } from "./store.ts";

/** What world code may ask for. */
export interface Commands {
  /** A new entity with these components; a bare component starts from zeros. Its handle is valid at once. */
  spawn(...parts: readonly (Initial | Component)[]): Handle;
  /** As spawn, as a child of `parent`. */
  spawnChild(parent: Handle, ...parts: readonly (Initial | Component)[]): Handle;
  /** Removes an entity and its descendants. */
  despawn(entity: Handle): void;
  /** Adds components, or overwrites the given fields of those that the entity has. */
  add(entity: Handle, ...parts: readonly (Initial | Component)[]): void;
  remove(entity: Handle, component: Component): void;
  /** Moves `child` below `parent`, or to the root when `parent` is 0. */
  reparent(child: Handle, parent: Handle): void;
}

export type Command =
  | { readonly kind: "spawn"; readonly entity: Handle; readonly parts: readonly Initial[]; readonly parent: Handle }
  | { readonly kind: "despawn"; readonly entity: Handle }
  | { readonly kind: "add"; readonly entity: Handle; readonly part: Initial }
  | { readonly kind: "remove"; readonly entity: Handle; readonly component: Component }
  | { readonly kind: "reparent"; readonly entity: Handle; readonly parent: Handle };

/** The staging list of one world and its application. */
export class CommandQueue implements Commands {
  readonly #store: Store;
  readonly #hierarchy: Hierarchy;
  readonly #staged: Command[] = [];
  /** Commands skipped because an earlier one of the same tick had removed their entity. */
  skippedCount = 0;
  /** False outside a tick and behind its structure phase: staging is then a fault. */
  isOpen = false;
  /** Place in `staged` of the command that is being applied; -1 for none. */
  applying = -1;

  constructor(store: Store, hierarchy: Hierarchy) {
    this.#store = store;
    this.#hierarchy = hierarchy;
  }

  /** What is staged, in order; for whoever looks into a tick. */
  get staged(): readonly Command[] {
    return this.#staged;
  }

  get stagedCount(): number {
    return this.#staged.length;
  }

  spawn(...parts: readonly (Initial | Component)[]): Handle {
    return this.#stageSpawn(0, parts);
  }

  spawnChild(parent: Handle, ...parts: readonly (Initial | Component)[]): Handle {
    this.#require(parent, "spawnChild");
    return this.#stageSpawn(parent, parts);
  }

  despawn(entity: Handle): void {
    this.#require(entity, "despawn");
    this.#stage({ kind: "despawn", entity });
  }

  add(entity: Handle, ...parts: readonly (Initial | Component)[]): void {
    this.#require(entity, "add");
    for (const part of parts) this.#stage({ kind: "add", entity, part: this.#initialOf(part, "add") });
  }

  remove(entity: Handle, component: Component): void {
    this.#require(entity, "remove");
    this.#store.numberOf(component);
    refuseFamily(component, "remove");
    this.#stage({ kind: "remove", entity, component });
  }

  reparent(child: Handle, parent: Handle): void {
    this.#require(child, "reparent");
    if (parent !== 0) this.#require(parent, "reparent");
    this.#stage({ kind: "reparent", entity: child, parent });
  }

  /** Applies all staged commands in order; `tick` stamps the columns that they change. */
  apply(tick: number): void {
    const staged = this.#staged;
    for (let i = 0; i < staged.length; i++) {
      this.applying = i;
      this.#applyOne(staged[i]!, tick);
    }
    this.applying = -1;
    staged.length = 0;
    this.#store.settle();
  }

  #applyOne(command: Command, tick: number): void {
    const store = this.#store;
    const index = store.indexOf(command.entity);
    if (index === 0) {
      this.skippedCount++;
      return;
    }
    switch (command.kind) {
      case "spawn": {
        for (const part of command.parts) store.add(index, part, tick);
        if (command.parent === 0) return;
        const parent = store.indexOf(command.parent);
        if (parent === 0) {
          // The parent went away earlier in this phase; its subtree includes what was promised to it.
          this.skippedCount++;
          this.#hierarchy.despawnTree(index, tick);
        } else this.#hierarchy.attach(index, parent, tick);
        return;
      }
      case "despawn":
        this.#hierarchy.despawnTree(index, tick);
        return;
      case "add":
        store.add(index, command.part, tick);
        return;
      case "remove":
        if (store.has(index, command.component)) store.remove(index, command.component, tick);
        else this.skippedCount++;
        return;
      case "reparent": {
        const parent = command.parent === 0 ? 0 : store.indexOf(command.parent);
        if (command.parent !== 0 && parent === 0) this.skippedCount++;
        else this.#hierarchy.attach(index, parent, tick);
        return;
      }
    }
  }

  #stageSpawn(parent: Handle, parts: readonly (Initial | Component)[]): Handle {
    this.#requireOpen("spawn");
    const initials = parts.map((part) => this.#initialOf(part, "spawn"));
    for (let i = 0; i < initials.length; i++)
      for (let k = 0; k < i; k++)
        if (initials[k]!.component === initials[i]!.component)
          raise("duplicate-name", { what: "component of a spawn", name: initials[i]!.component.name });
    this.#requireRoom();
    const entity = this.#store.reserve();
    this.#stage({ kind: "spawn", entity, parts: initials, parent });
    return entity;
  }

  #initialOf(part: Initial | Component, operation: string): Initial {
    const initial: Initial = "component" in part ? part : { component: part, values: noValues };
    this.#store.numberOf(initial.component);
    refuseFamily(initial.component, operation);
    return initial;
  }

  #stage(command: Command): void {
    this.#requireOpen(command.kind);
    this.#requireRoom();
    this.#staged.push(command);
  }

  #requireRoom(): void {
    const { commandsPerTick } = this.#store.limits;
    if (this.#staged.length >= commandsPerTick)
      raise("limit-reached", { limit: "commandsPerTick", value: commandsPerTick, setting: "limits.commandsPerTick" });
  }

  #requireOpen(operation: string): void {
    if (!this.isOpen) raise("commands-closed", { operation });
  }

  #require(entity: Handle, operation: string): void {
    this.#requireOpen(operation);
    this.#store.requireIndex(entity, `commands.${operation}`);
  }
}

/** Parent and Family hold the lists of children together; only reparenting may touch them. */
function refuseFamily(component: Component, operation: string): void {
  if (component === Parent || component === Family)
    raise("bad-definition", {
      what: "command",
      name: operation,
      problem: `it names ${component.name} as a component`,
      remedy: "Use spawnChild or reparent.",
    });
}
