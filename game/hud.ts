/** The numbers and texts over the picture, from shared components only. */
import type { HudItem, Snapshot, Viewer } from "../engine/index.ts";
import { tugOf } from "./camera.ts";
import { countdownTicks, Round, roundState } from "./components/round.ts";
import { Tug } from "./components/tug.ts";
import { crateNames } from "./crates.ts";
import { gold, orange, seatNames, teal } from "./palette.ts";
import { ticksOf } from "./time.ts";

const goTicks = ticksOf(0.9);
const hintTicks = ticksOf(9);

const titles = ["", "SCRAPYARD", "3", "2", "1", "GO", "YOU WIN", "RIVALS WIN", "DRAW", "TIME"] as const;
const subtitles = [
  "",
  "Press Enter to start",
  "Drag crates into the furnace before the rivals do",
  "Hold Space to grab a crate, let go to throw it",
  "Press Enter to play again",
  "Back in a moment",
  "Hurry: the fuse is lit",
] as const;
const places = ["", "1st", "2nd", "3rd", ...Array.from({ length: 13 }, (_, place) => `${place + 4}th`)];

function round(snapshot: Snapshot): { readonly state: number; readonly sinceTicks: number; readonly index: number } {
  const index = snapshot.first(Round);
  const { state, sinceTick } = snapshot.columnsOf(Round);
  return { state: state[index]!, sinceTicks: snapshot.tick - sinceTick[index]!, index };
}

function title(snapshot: Snapshot, viewer: Viewer): (typeof titles)[number] {
  const { state, sinceTicks, index } = round(snapshot);
  switch (state) {
    case roundState.title:
      return "SCRAPYARD";
    case roundState.countdown:
      return (["3", "2", "1"] as const)[Math.min(2, Math.floor((sinceTicks * 3) / countdownTicks))]!;
    case roundState.playing:
      return sinceTicks < goTicks ? "GO" : "";
    default: {
      const { leader, isTied } = snapshot.columnsOf(Round);
      const tug = tugOf(snapshot, viewer);
      if (isTied[index] === 1) return "DRAW";
      if (tug === 0) return "TIME";
      return snapshot.indexOf(leader[index]!) === tug ? "YOU WIN" : "RIVALS WIN";
    }
  }
}

function subtitle(snapshot: Snapshot, viewer: Viewer): (typeof subtitles)[number] {
  const { state, sinceTicks } = round(snapshot);
  const tug = tugOf(snapshot, viewer);
  switch (state) {
    case roundState.title:
      return "Press Enter to start";
    case roundState.countdown:
      return tug === 0 ? "" : "Drag crates into the furnace before the rivals do";
    case roundState.playing: {
      if (tug === 0) return "";
      const { returnTick, score, cargo } = snapshot.columnsOf(Tug);
      if (returnTick[tug] !== 0) return "Back in a moment";
      if (cargo[tug] === 4) return "Hurry: the fuse is lit";
      return score[tug] === 0 && sinceTicks > goTicks && sinceTicks < hintTicks
        ? "Hold Space to grab a crate, let go to throw it"
        : "";
    }
    default:
      return "Press Enter to play again";
  }
}

/** A number of the viewer's tug; 0 without one, and during the title. */
function ofTug(read: (columns: ReturnType<typeof tugColumns>, tug: number) => number): HudItem["value"] {
  return (snapshot, viewer) => {
    const tug = round(snapshot).state === roundState.title ? 0 : tugOf(snapshot, viewer);
    return tug === 0 ? 0 : read(tugColumns(snapshot), tug);
  };
}

function tugColumns(snapshot: Snapshot) {
  return snapshot.columnsOf(Tug);
}

/** Choice number of the leader's seat, 0 for none. */
function leaderChoice(snapshot: Snapshot): number {
  if (round(snapshot).state === roundState.title) return 0;
  const leader = snapshot.indexOf(snapshot.columnsOf(Round).leader[snapshot.first(Round)]!);
  return leader === 0 ? 0 : snapshot.columnsOf(Tug).seat[leader]! + 1;
}

export const hud: readonly HudItem[] = [
  {
    name: "score",
    label: "Score",
    format: "integer",
    place: "top-left",
    color: teal,
    value: ofTug((tugs, tug) => tugs.score[tug]!),
  },
  {
    name: "rank",
    label: "",
    format: "choice",
    place: "top-left",
    choices: places,
    value: ofTug((tugs, tug) => tugs.rank[tug]!),
  },
  {
    name: "clock",
    label: "Time",
    format: "clock",
    place: "top",
    value: (snapshot) => snapshot.columnsOf(Round).secondsLeft[snapshot.first(Round)]!,
  },
  {
    name: "leader",
    label: "",
    format: "choice",
    place: "top-right",
    choices: ["", ...seatNames.map((name) => `${name} leads`)],
    value: leaderChoice,
  },
  {
    name: "best",
    label: "Best",
    format: "integer",
    place: "top-right",
    color: gold,
    value: (snapshot) => snapshot.columnsOf(Round).leaderScore[snapshot.first(Round)]!,
  },
  {
    name: "title",
    label: "",
    format: "choice",
    place: "center",
    style: "title",
    choices: titles,
    value: (snapshot, viewer) => titles.indexOf(title(snapshot, viewer)),
  },
  {
    name: "subtitle",
    label: "",
    format: "choice",
    place: "center",
    style: "subtitle",
    choices: subtitles,
    value: (snapshot, viewer) => subtitles.indexOf(subtitle(snapshot, viewer)),
  },
  {
    name: "chain",
    label: "",
    format: "choice",
    place: "bottom",
    color: gold,
    choices: ["", "", "Chain: +1 a crate", "Chain: +2 a crate"],
    value: ofTug((tugs, tug) => tugs.chain[tug]!),
  },
  {
    name: "cargo",
    label: "",
    format: "choice",
    place: "bottom",
    color: orange,
    choices: ["", ...crateNames],
    value: ofTug((tugs, tug) => tugs.cargo[tug]!),
  },
  {
    name: "energy",
    label: "Boost",
    format: "bar",
    place: "bottom",
    color: teal,
    value: (snapshot, viewer) => {
      const tug = tugOf(snapshot, viewer);
      return tug === 0 ? 1 : tugColumns(snapshot).energy[tug]!;
    },
  },
];
