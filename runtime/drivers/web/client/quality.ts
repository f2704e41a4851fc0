/**
 * Quality: the level of drawing that this machine keeps up with. It steps down when frames are slow
 * and carefully up again when they have been fast for long; a step up that fails makes the next try
 * wait longer.
 */

export interface QualityLevel {
  readonly name: "high" | "medium" | "low" | "least";
  /** The most device pixels a CSS pixel may have. */
  readonly pixelRatioMax: number;
  readonly shadowMapSize: number;
  /** Shadows with soft edges. */
  readonly softShadows: boolean;
  /** Physical surfaces that reflect the sky. */
  readonly detailed: boolean;
  /** Light around emissive surfaces. */
  readonly glow: boolean;
  /** Point lights that every surface is computed for. */
  readonly lightCount: number;
  /** Levels of detail by which streamed meshes are drawn coarser. */
  readonly streamedBias: number;
}

/** From best to cheapest. */
export const qualityLevels: readonly QualityLevel[] = [
  {
    name: "high",
    pixelRatioMax: 2,
    shadowMapSize: 2048,
    softShadows: true,
    detailed: true,
    glow: true,
    lightCount: 6,
    streamedBias: 0,
  },
  {
    name: "medium",
    pixelRatioMax: 1,
    shadowMapSize: 1024,
    softShadows: true,
    detailed: true,
    glow: true,
    lightCount: 4,
    streamedBias: 0,
  },
  {
    name: "low",
    pixelRatioMax: 0.75,
    shadowMapSize: 1024,
    softShadows: false,
    detailed: false,
    glow: true,
    lightCount: 2,
    streamedBias: 0,
  },
  {
    name: "least",
    pixelRatioMax: 0.5,
    shadowMapSize: 512,
    softShadows: false,
    detailed: false,
    glow: false,
    lightCount: 1,
    streamedBias: 1,
  },
];
/** The level at which a machine that draws in software starts. */
export const softwareLevelIndex = 3;

/** Frames that are judged together, or fewer that took this long. */
const windowFrames = 45;
const windowMillis = 1_500;
/** Slower than this on average steps down: clearly below 60 frames a second. */
const slowMillis = 24;
/** Slower than this steps down two levels at once. */
const verySlowMillis = 70;
/** Faster than this on average counts towards a step up. */
const fastMillis = 18;
/** Fast windows in a row before a step up, doubled after each one that failed. */
const fastWindowsMin = 12;
const fastWindowsMax = 200;
/** A frame this long is a hidden page or a breakpoint and says nothing. */
const pauseMillis = 1_500;

export class Quality {
  #index: number;
  #frames = 0;
  #millis = 0;
  #fastWindows = 0;
  #fastWindowsNeeded = fastWindowsMin;
  #justClimbed = false;
  #settling = true;

  constructor(firstIndex: number) {
    this.#index = firstIndex;
  }

  get level(): QualityLevel {
    return qualityLevels[this.#index]!;
  }

  /** Notes one frame's length; returns true when the level has changed. */
  noteFrame(millis: number): boolean {
    if (millis > pauseMillis) return this.#startWindow();
    this.#frames++;
    this.#millis += millis;
    if (this.#frames < windowFrames && this.#millis < windowMillis) return false;
    const mean = this.#millis / this.#frames;
    this.#startWindow();
    // The first frames of a level compile its shaders; they say nothing about it.
    if (this.#settling) {
      this.#settling = false;
      return false;
    }
    if (mean > slowMillis) return this.#stepDown(mean > verySlowMillis ? 2 : 1);
    this.#justClimbed = false;
    this.#fastWindows = mean < fastMillis ? this.#fastWindows + 1 : 0;
    return this.#fastWindows >= this.#fastWindowsNeeded && this.#stepUp();
  }

  #startWindow(): false {
    this.#frames = 0;
    this.#millis = 0;
    return false;
  }

  #stepDown(levels: number): boolean {
    this.#fastWindows = 0;
    if (this.#index === qualityLevels.length - 1) return false;
    if (this.#justClimbed) this.#fastWindowsNeeded = Math.min(fastWindowsMax, this.#fastWindowsNeeded * 2);
    this.#justClimbed = false;
    this.#settling = true;
    this.#index = Math.min(qualityLevels.length - 1, this.#index + levels);
    return true;
  }

  #stepUp(): boolean {
    this.#fastWindows = 0;
    if (this.#index === 0) return false;
    this.#justClimbed = true;
    this.#settling = true;
    this.#index--;
    return true;
  }
}
