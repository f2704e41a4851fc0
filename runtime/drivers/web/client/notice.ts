/**
 * What stands before the picture: a notice while there is no connection or no way to draw, and the
 * overlay of the world's fault. A fault is shown until another scene comes.
 */
import type { DriverNotice } from "../../../../engine/render/driver.ts";
import { makeElement, pageElement } from "./element.ts";

const changedMillis = 5_000;
/** A refusal says what to mend, which takes longer to read. */
const refusedMillis = 20_000;
const toastCountMax = 3;

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
  readonly #toasts = pageElement("toasts");

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

  /** Shows a message at the edge of the picture, for as long as it takes to read. */
  showToast({ tone, heading, text, mend }: DriverNotice): void {
    const toast = makeElement("div", `toast toast-${tone}`);
    toast.append(makeElement("strong", "toast-heading", heading), makeElement("span", "toast-text", text));
    if (mend !== "") toast.append(makeElement("span", "toast-mend", mend));
    this.#toasts.append(toast);
    while (this.#toasts.children.length > toastCountMax) this.#toasts.firstElementChild!.remove();
    setTimeout(() => toast.remove(), tone === "refused" ? refusedMillis : changedMillis);
  }

  hideFault(): void {
    this.#fault.hidden = true;
  }
}
