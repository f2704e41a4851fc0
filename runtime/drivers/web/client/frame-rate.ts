/** Counts animation frames: how many there were in the last second or so. */

export class FrameRate {
  #perSecond = 0;
  #frames = 0;
  #sinceMillis = -1;

  get perSecond(): number {
    return this.#perSecond;
  }

  noteFrame(nowMillis: number): void {
    if (this.#sinceMillis < 0) this.#sinceMillis = nowMillis;
    else this.#frames++;
    const elapsed = nowMillis - this.#sinceMillis;
    if (elapsed < 500) return;
    this.#perSecond = (this.#frames * 1000) / elapsed;
    this.#frames = 0;
    this.#sinceMillis = nowMillis;
  }
}
