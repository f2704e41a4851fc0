/**
 * What a page shows when its world has stopped: the fault, what to do, and the black box to save. Everything is set as text,
 * so nothing that a fault quotes becomes part of the page.
 */
import { type Fault, faultId, faultMend, faultText } from "../../engine/base/faults.ts";
import { browser, type PageElement } from "./browser.ts";
import type { PageBox } from "./page-flight.ts";

const screenStyle =
  "position:fixed;inset:0;z-index:2147483647;overflow:auto;padding:10vh 8vw;background:#14161cf2;color:#e8e6e1;" +
  "font:16px/1.5 system-ui,sans-serif;white-space:pre-wrap";

/** Lays the screen over the page. */
export function showFaultScreen(fault: Fault, box: PageBox | undefined): void {
  const { document } = browser;
  if (document === undefined) return;
  const make = (tag: string, text: string, style = ""): PageElement => {
    const element = document.createElement(tag);
    element.textContent = text;
    element.style.cssText = style;
    return element;
  };
  const screen = make("div", "", screenStyle);
  screen.id = "orrery-fault";
  screen.append(make("p", `The world has stopped · ${faultId(fault)}`), make("h2", faultText(fault)));
  screen.append(make("p", faultMend(fault)));
  if (box !== undefined) {
    const link = make("a", `Save the black box, the last ${box.seconds.toFixed(0)} s`, "color:#8fc7ff");
    link.href = URL.createObjectURL(box.blob);
    link.download = box.name;
    screen.append(link, make("p", `replay run ${box.name} makes it happen again.`));
  }
  document.body.append(screen);
}
