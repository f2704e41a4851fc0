/** Rules about what a host has and the engine hides: processes, networks, documents, Node's modules, code from text. */
import { builtinModules } from "node:module";
import { bannedNames } from "./check-names.ts";
import type { Code } from "./code.ts";
import type { Report } from "./finding.ts";
import { instead } from "./instead.ts";

const why = "It is not the same, or not there, on another host.";

const checkGlobals = bannedNames(
  [
    ..."process require module Buffer global globalThis __dirname __filename Bun Deno".split(" "),
    ..."fetch WebSocket EventSource XMLHttpRequest Worker SharedWorker MessageChannel BroadcastChannel".split(" "),
    ..."window self document navigator location history screen localStorage sessionStorage indexedDB caches".split(" "),
    ..."alert confirm prompt addEventListener removeEventListener importScripts postMessage".split(" "),
  ],
  why,
  instead.host,
);

const checkCrypto = bannedNames(["crypto"], "It gives other bytes in every run.", instead.random);

export function checkHost(code: Code, report: Report): void {
  checkGlobals(code, report);
  checkCrypto(code, report);
  code.tokens.forEach((token, i) => {
    if (token.kind === "word" && token.text === "import" && code.text(i + 1) === "." && code.text(i + 2) === "meta")
      report(i, "`import.meta`", why, instead.host);
    if (token.kind === "string" && isImported(code, i) && isOfHost(token.text))
      report(i, `\`${token.text}\``, why, instead.host);
  });
}

/** What a specifier's import brings at run time; `import type` brings nothing. */
function isImported(code: Code, i: number): boolean {
  const before = code.text(i - 1);
  if (before === "import") return true;
  if (before === "(") return ["import", "require"].includes(code.text(i - 2)) && !code.isMember(i - 2);
  if (before !== "from") return false;
  let k = i - 1;
  while (k > 0 && code.text(k) !== "import" && code.text(k) !== "export") k--;
  return code.text(k + 1) !== "type" || ["from", ","].includes(code.text(k + 2));
}

function isOfHost(specifier: string): boolean {
  return specifier.startsWith("node:") || builtinModules.includes(specifier);
}

export function checkCode(code: Code, report: Report): void {
  code.tokens.forEach(({ kind, text }, i) => {
    if (kind !== "word" || (text !== "eval" && text !== "Function") || !code.isGlobalUse(i)) return;
    // `Function` is also a type.
    if (text === "Function" && code.text(i + 1) !== "(") return;
    report(
      i,
      `\`${text}\``,
      "Code from text is in no plan, no check and no bundle.",
      "Write the function, or keep what varies in a table of functions",
    );
  });
}
