/**
 * A game whose controls a test edits while it runs: each player's are all that there is of it. Two numbers are shown: the
 * control `x`, and what all others add up to. Its folder lies within the project, so that it imports the engine as any game
 * does.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ControlsDefinition } from "../../engine/input/controls.ts";

export interface SteeredGame {
  /** One of them is the axis or button `x`. */
  readonly controls: ControlsDefinition;
  /** Lines before its definitions. */
  readonly head?: string;
  /** The first lines of its system. */
  readonly first?: string;
}

/** Left and right by A and D. */
export const x = { kind: "axis", negative: ["KeyA"], positive: ["KeyD"], label: "Left, right" } as const;

const temporary = fileURLToPath(new URL("../.tmp/", import.meta.url));

/** A folder with the source of the game; `edit` saves another. */
export class SteeredSources {
  readonly folder: string;
  readonly main: string;

  constructor(game: SteeredGame) {
    mkdirSync(temporary, { recursive: true });
    this.folder = mkdtempSync(join(temporary, "steered-"));
    this.main = join(this.folder, "main.ts");
    writeFileSync(join(this.folder, "package.json"), '{ "type": "module" }');
    writeFileSync(
      this.main,
      'import { launch } from "../../../runtime/launch.ts";\nimport { steered } from "./steered.ts";\n\nlaunch(steered);\n',
    );
    this.edit(game);
  }

  edit(game: SteeredGame): void {
    // Put in its place at once: half of it could be taken for an edit of its own.
    writeFileSync(join(this.folder, "saved"), textOf(game));
    renameSync(join(this.folder, "saved"), join(this.folder, "steered.ts"));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function textOf({ controls, head = "", first = "" }: SteeredGame): string {
  return `import { defineControls, defineGame, defineLook, defineSystem, defineView } from "../../../engine/index.ts";

${head}
const Controls = defineControls(${JSON.stringify(controls)} as never) as ReturnType<typeof defineControls>;
const look = defineLook({
  meshes: { block: { shape: "box", width: 1, height: 1, depth: 1 } },
  materials: { paint: { color: 0x3377aa } },
});
const sum = (columns: Record<string, ArrayLike<number>>, index: number, isWanted: (name: string) => boolean): number =>
  Object.keys(columns).sort().filter(isWanted).reduce((all, name) => all + columns[name]![index]!, 0);

const steer = defineSystem({
  name: "steer",
  phase: "gameplay",
  query: [Controls as never],
  run() {
    ${first}
  },
});

export const steered = defineGame({
  id: "steered",
  tickRate: 60,
  limits: { entities: 16, players: 2 },
  components: [],
  controls: Controls,
  systems: [steer],
  view: defineView({
    title: "Steered",
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
      { name: "x", label: "x", format: "decimal", place: "top-left",
        value: (snapshot) => sum(snapshot.columnsOf(Controls) as never, snapshot.first(Controls as never), (name) => name === "x") },
      { name: "others", label: "others", format: "decimal", place: "top-left",
        value: (snapshot) => sum(snapshot.columnsOf(Controls) as never, snapshot.first(Controls as never), (name) => name !== "x") },
    ],
  }),
  setup() {},
});
`;
}
