/**
 * The viewport: which stretch of time is shown on how many pixels, and how far the rows are scrolled.
 * It never leaves the trace and never shows less than a few nanoseconds.
 */

const spanMicrosMin = 0.02;
const tickStepsOfTen = [1, 2, 5] as const;

export class Viewport {
  readonly #startMicros: number;
  readonly #endMicros: number;
  /** Left edge. */
  fromMicros: number;
  /** Width in time. */
  widthMicros: number;
  widthPixels = 1;
  scrollPixels = 0;

  constructor(startMicros: number, endMicros: number) {
    const margin = Math.max((endMicros - startMicros) * 0.01, spanMicrosMin);
    this.#startMicros = startMicros - margin;
    this.#endMicros = endMicros + margin;
    this.fromMicros = this.#startMicros;
    this.widthMicros = this.#endMicros - this.#startMicros;
  }

  get toMicros(): number {
    return this.fromMicros + this.widthMicros;
  }
  get microsPerPixel(): number {
    return this.widthMicros / this.widthPixels;
  }
  xOf(micros: number): number {
    return ((micros - this.fromMicros) * this.widthPixels) / this.widthMicros;
  }
  microsAt(x: number): number {
    return this.fromMicros + x * this.microsPerPixel;
  }

  /** Shows `factor` times as much time; what is at pixel `x` stays there. */
  zoom(factor: number, x: number): void {
    const fixed = this.microsAt(x);
    const whole = this.#endMicros - this.#startMicros;
    this.widthMicros = Math.min(whole, Math.max(spanMicrosMin, this.widthMicros * factor));
    this.fromMicros = fixed - x * this.microsPerPixel;
    this.#stayInside();
  }
  pan(pixels: number): void {
    this.fromMicros += pixels * this.microsPerPixel;
    this.#stayInside();
  }
  /** Shows a stretch of time with some room at both sides. */
  show(fromMicros: number, toMicros: number): void {
    const width = Math.max(toMicros - fromMicros, spanMicrosMin) * 1.2;
    this.widthMicros = Math.min(width, this.#endMicros - this.#startMicros);
    this.fromMicros = (fromMicros + toMicros - this.widthMicros) / 2;
    this.#stayInside();
  }
  showAll(): void {
    this.show(this.#startMicros, this.#endMicros);
  }

  #stayInside(): void {
    const last = this.#endMicros - this.widthMicros;
    this.fromMicros = Math.max(this.#startMicros, Math.min(last, this.fromMicros));
  }
}

/** The distance of ruler lines that are at least `pixels` apart: 1, 2 or 5 times a power of ten. */
export function rulerStep(microsPerPixel: number, pixels: number): number {
  const least = microsPerPixel * pixels;
  let ten = 10 ** Math.floor(Math.log10(least));
  for (;;) {
    for (const step of tickStepsOfTen) if (step * ten >= least) return step * ten;
    ten *= 10;
  }
}

/** A moment or a duration in the unit that suits it; `stepMicros` says how exact it must be. */
export function timeText(micros: number, stepMicros = Math.abs(micros) / 1_000): string {
  const size = Math.max(Math.abs(micros), stepMicros);
  const [unit, text] = size >= 1e6 ? [1e6, "s"] : size >= 1e3 ? [1e3, "ms"] : size >= 1 ? [1, "\u00b5s"] : [1e-3, "ns"];
  const digits = stepMicros <= 0 ? 0 : Math.min(6, Math.max(0, -Math.floor(Math.log10(stepMicros / unit) + 1e-9)));
  return `${(micros / unit).toFixed(digits)} ${text}`;
}
