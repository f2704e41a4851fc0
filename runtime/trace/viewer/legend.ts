/** The head of the page with the facts of the run, and the legend: what each name took altogether. */
import { browser, newElement, pageElement } from "./browser.ts";
import { colorOf } from "./colors.ts";
import type { TraceModel } from "./model.ts";
import { timeText } from "./viewport.ts";

const rowCountMax = 400;

/** `choose` is called with the name that was clicked. */
export function fillLegend(model: TraceModel, choose: (name: string) => void): void {
  fillFacts(model);
  const most = model.names[0]?.totalMicros ?? 1;
  const rows = model.names.slice(0, rowCountMax).map(({ name, count, totalMicros }, number) => {
    const row = newElement("button", "row");
    row.title = `${name}: ${count} times, ${timeText(totalMicros)} altogether, ${timeText(totalMicros / count)} on average`;
    const swatch = newElement("span", "swatch");
    swatch.style["background"] = colorOf(number);
    const bar = newElement("span", "bar");
    bar.style["width"] = `${(100 * totalMicros) / most}%`;
    bar.style["background"] = colorOf(number);
    row.append(
      swatch,
      newElement("span", "name", name),
      newElement("span", "count", `${count}`),
      newElement("span", "total", timeText(totalMicros)),
      bar,
    );
    row.addEventListener("click", () => choose(name));
    return row;
  });
  pageElement("legend").replaceChildren(...rows);
}

function fillFacts({ otherData, events, startMicros, endMicros }: TraceModel): void {
  const game = typeof otherData["game"] === "string" ? otherData["game"] : "trace";
  pageElement("game").textContent = game;
  browser.document.title = `${game} \u00b7 Orrery trace`;
  const facts: (readonly [string, string, boolean])[] = [["time", timeText(endMicros - startMicros), false]];
  if ("seed" in otherData) facts.push(["seed", String(otherData["seed"]), false]);
  if ("workers" in otherData) facts.push(["workers", String(otherData["workers"]), false]);
  facts.push(["events", String(events.filter(({ phase }) => phase !== "M").length), false]);
  const dropped = Number(otherData["droppedEvents"] ?? 0);
  if (dropped > 0) facts.push(["dropped", String(dropped), true]);
  pageElement("facts").replaceChildren(
    ...facts.map(([label, value, isBad]) => {
      const fact = newElement("span", isBad ? "fact bad" : "fact", label);
      fact.append(newElement("b", "", value));
      return fact;
    }),
  );
}
