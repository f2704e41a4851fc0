/**
 * What stands before the picture: a notice while there is no connection or no way to draw, and the
 * overlay of the world's fault. A fault is shown until another scene comes.
 */
import { makeElement, pageElement } from "./element.ts";

export interface FaultNotice {
  readonly id: string;
  readonly text: string;
  readonly mend: string;
  /** "file:line:column", or "". */
  readonly place: string;
  /** The text of that line of code, or "". */
  readonly source: string;
}

export class Notices {
  readonly #notice = pageElement("notice");
  readonly #fault = pageElement("fault");

  /** Shows a notice with a heading and a sentence; `busy` adds a sign of waiting. */
  show(heading: string, text: string, busy: boolean): void {
    this.#notice.hidden = false;
    this.#notice.classList.toggle("notice-busy", busy);
    this.#notice.replaceChildren(
      makeElement("strong", "notice-heading", heading),
      makeElement("span", "notice-text", text),
    );
  }

  hide(): void {
    this.#notice.hidden = true;
  }

  showFault(fault: FaultNotice): void {
    const card = makeElement("div", "fault-card");
    card.append(
      makeElement("p", "fault-kicker", `The world has stopped · ${fault.id}`),
      makeElement("h2", "fault-text", fault.text),
    );
    if (fault.place !== "") card.append(makeElement("code", "fault-place", fault.place));
    if (fault.source !== "") card.append(makeElement("pre", "fault-source", fault.source.trim()));
    card.append(makeElement("p", "fault-mend", fault.mend));
    card.append(makeElement("p", "fault-more", `More: explain ${fault.id}`));
    this.#fault.replaceChildren(card);
    this.#fault.hidden = false;
  }

  hideFault(): void {
    this.#fault.hidden = true;
  }
}
