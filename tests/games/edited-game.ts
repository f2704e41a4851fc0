/**
 * A game whose sources a test edits while it runs: a gauge that rises by a step a tick, shown as a number, and a tick job
 * that doubles it. Its folder lies within the project, so that it imports the engine as any game does.
 */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface EditedGame {
  /** What the gauge rises by in a tick. */
  readonly step?: number;
  /** The type of Gauge.level. */
  readonly level?: "u32" | "f32";
  /** Lines before the definitions of its parts. */
  readonly head?: string;
  /** The first lines of its system. */
  readonly first?: string;
  /** The first lines of its job. */
  readonly job?: string;
  /** What the number is called on the screen. */
  readonly label?: string;
  /** The first lines of what computes that number. */
  readonly looking?: string;
  /** The resource that its block is painted with. */
  readonly texture?: string;
  /** More entries of the game. */
  readonly entries?: string;
}

const temporary = fileURLToPath(new URL("../.tmp/", import.meta.url));

/** A folder with the sources of the game; `edit` saves others. */
export class EditedSources {
  readonly folder: string;
  readonly main: string;
  /** A folder that nobody watches. */
  readonly #aside: string;
  /** What was saved last, by file. */
  #texts: ReadonlyMap<string, string> = new Map();

  constructor(game: EditedGame = {}) {
    mkdirSync(temporary, { recursive: true });
    this.folder = mkdtempSync(join(temporary, "edited-"));
    this.main = join(this.folder, "main.ts");
    this.#aside = join(this.folder, "aside");
    mkdirSync(this.#aside);
    writeFileSync(join(this.folder, "package.json"), '{ "type": "module" }');
    writeFileSync(
      this.main,
      'import { launch } from "../../../runtime/launch.ts";\nimport { gauge } from "./gauge.ts";\n\nlaunch(gauge);\n',
    );
    this.edit(game);
  }

  edit(game: EditedGame): void {
    const before = this.#texts;
    this.#texts = new Map([
      ["parts.ts", partsOf(game)],
      ["gauge.ts", gameOf(game)],
    ]);
    const changed = [...this.#texts.keys()].filter((name) => this.#texts.get(name) !== before.get(name));
    // Both editors that there are: one writes a file where it lies, the other puts a new one in its place. A file that stays
    // as it is stays alone, unless all of them are saved again: each further save could be taken for an edit of its own.
    if (changed.length < 2) {
      for (const name of changed.length === 0 ? this.#texts.keys() : changed) this.#save(name, this.#texts.get(name)!);
      return;
    }
    // Where both change it must be the other, and the parts go before they come: however long this process is held up between
    // two of these steps, what lies there until the last one is no program, and never a game that no test asks for.
    for (const name of changed) writeFileSync(join(this.#aside, name), this.#texts.get(name)!);
    if (before.size > 0) renameSync(join(this.folder, "parts.ts"), join(this.#aside, "before.ts"));
    for (const name of changed.reverse()) renameSync(join(this.#aside, name), join(this.folder, name));
  }

  /**
   * Saves one file in one step. One that is emptied before it is written, as by most editors, is believed to be empty when this
   * process is held up between the two; so what lies there is written over where nothing of it is left, or replaced.
   */
  #save(name: string, text: string): void {
    const path = join(this.folder, name);
    const bytes = Buffer.from(text);
    if (bytes.length >= statSync(path).size) {
      const file = openSync(path, "r+");
      writeSync(file, bytes);
      closeSync(file);
    } else {
      writeFileSync(join(this.#aside, name), bytes);
      renameSync(join(this.#aside, name), path);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function partsOf({ step = 1, level = "u32", head = "", first = "", job = "" }: EditedGame): string {
  return `import { defineComponent, defineSystem, defineTickJob, f32, u32 } from "../../../engine/index.ts";

${head}
export const step = ${step};
export const Gauge = defineComponent("Gauge", { level: ${level} }, { shared: true });
export const Twice = defineComponent("Twice", { level: f32 }, { writtenIn: [], writer: "door" });

export const raiseGauge = defineSystem({
  name: "raise-gauge",
  phase: "gameplay",
  query: [Gauge],
  writes: [Gauge],
  run({ entities, columns, tick }) {
    ${first}
    void tick;
    for (let i = 0; i < entities.length; i++) columns.Gauge.level[entities[i]!]! += step;
  },
});

export const doubleGauge = defineTickJob({
  name: "double-gauge",
  reads: [Gauge],
  answer: Twice,
  every: 4,
  latency: 3,
  itemsMax: () => 4,
  chunkItems: 4,
  begin: () => 4,
  run({ snapshot, columns, output, first, count }) {
    ${job}
    let rows = 0;
    for (let index = first + 1; index <= first + count; index++) {
      if (!snapshot.has(index, Gauge)) continue;
      output.entity[rows] = snapshot.handleOf(index);
      output.level[rows++] = columns.Gauge.level[index]! * 2;
    }
    return rows;
  },
});
`;
}

function gameOf({ entries = "", label = "Level", looking = "", texture }: EditedGame): string {
  const paint = texture === undefined ? "color: 0x3377aa" : `color: 0xffffff, texture: "${texture}"`;
  return `import { ballCollider, boxCollider, defineGame, defineLook, defineMigration, definePipeline, defineResource, defineStage, defineView, f32, Position, Renderable, RigidBody, u32 } from "../../../engine/index.ts";
import { doubleGauge, Gauge, raiseGauge, Twice } from "./parts.ts";

void [ballCollider, boxCollider, RigidBody, defineMigration, definePipeline, defineResource, defineStage, f32, u32];
const look = defineLook({
  meshes: { block: { shape: "box", width: 1, height: 1, depth: 1 } },
  materials: { paint: { ${paint} } },
});

export const gauge = defineGame({
  id: "gauge",
  tickRate: 60,
  limits: { entities: 16, players: 2 },
  components: [Gauge, Twice],
  systems: [raiseGauge],
  jobs: [doubleGauge],
  view: defineView({
    title: "Gauge",
    look,
    lighting: {
      ...{ sunDirection: [-1, -2, -1], sunColor: 0xffffff, sunIntensity: 2, shadowExtent: 12 },
      ...{ skyColor: 0x88aacc, groundColor: 0x333333, ambientIntensity: 1 },
    },
    camera(_snapshot, _viewer, camera) {
      camera.eye = [0, 2, 6];
      camera.target = [0, 0, 0];
    },
    hud: [
      {
        ...{ name: "level", label: "${label}", format: "integer", place: "top-left" },
        value(snapshot) {
          ${looking}
          return snapshot.columnsOf(Gauge).level[snapshot.first(Gauge)]!;
        },
      },
    ],
  }),
  setup({ commands }) {
    commands.spawn(Gauge, Twice, Position, Renderable.of({ mesh: look.mesh.block }));
  },
  ${entries}
});
`;
}
