/**
 * Opens the game in a window of its own: an installed browser of the Chromium family, started in app
 * mode with a profile of its own, so that it has no tabs, no address line and no extensions. Where
 * that cannot be done, it says why, and the caller prints the address instead.
 *
 * Rule: the browser is never waited for and never ended; it belongs to the person at the screen.
 */
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

export type AppWindow =
  | { readonly opened: true; readonly command: string; readonly pid?: number }
  | { readonly opened: false; readonly reason: string };

/** What of the machine matters for opening a window. */
export interface Desktop {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly root: boolean;
}

/** Commands looked for on the search path, best known first. */
const commandNames: readonly string[] = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "microsoft-edge",
  "microsoft-edge-stable",
  "brave-browser",
  "brave",
  "vivaldi",
];
const macApplications: readonly string[] = ["Google Chrome", "Chromium", "Microsoft Edge", "Brave Browser", "Vivaldi"];
const windowsPrograms: readonly string[] = [
  "Google\\Chrome\\Application\\chrome.exe",
  "Microsoft\\Edge\\Application\\msedge.exe",
  "Chromium\\Application\\chrome.exe",
  "BraveSoftware\\Brave-Browser\\Application\\brave.exe",
];

export function thisDesktop(): Desktop {
  return { platform: process.platform, environment: process.env, home: homedir(), root: process.getuid?.() === 0 };
}

/** Every place where a browser may be installed, in the order in which they are tried. */
export function browserPlaces({ platform, environment, home }: Desktop): readonly string[] {
  if (platform === "win32") {
    const folders = ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].map((name) => environment[name]);
    return windowsPrograms.flatMap((program) => folders.flatMap((folder) => (folder ? [`${folder}\\${program}`] : [])));
  }
  const paths = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const commands = commandNames.flatMap((name) => paths.map((folder) => join(folder, name)));
  if (platform !== "darwin") return [...commands, ...commandNames.map((name) => `/snap/bin/${name}`)];
  const applications = macApplications.flatMap((name) =>
    ["/Applications", `${home}/Applications`].map((folder) => `${folder}/${name}.app/Contents/MacOS/${name}`),
  );
  return [...applications, ...commands];
}

/** The folder of the profile: inside the user's cache, where losing it loses nothing. */
export function profileFolder({ platform, environment, home }: Desktop): string {
  if (platform === "win32") return `${environment["LOCALAPPDATA"] ?? home}\\Orrery\\browser`;
  if (platform === "darwin") return `${home}/Library/Caches/orrery/browser`;
  return join(environment["XDG_CACHE_HOME"] || join(home, ".cache"), "orrery", "browser");
}

/** Why no window can be shown here, or undefined. */
export function missingDisplay({ platform, environment }: Desktop): string | undefined {
  if (platform === "win32" || platform === "darwin") return undefined;
  if (environment["DISPLAY"] || environment["WAYLAND_DISPLAY"]) return undefined;
  return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)";
}

/** The arguments that show `url` as an application. Root has no sandbox to start a browser in. */
export function browserArguments(url: string, desktop: Desktop): readonly string[] {
  return [
    `--app=${url}`,
    `--user-data-dir=${profileFolder(desktop)}`,
    "--window-size=1280,800",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-sync",
    "--disable-background-networking",
    ...(desktop.root ? ["--no-sandbox"] : []),
  ];
}

/** Starts the first installed browser that can be started; it goes on when this process ends. */
export async function openAppWindow(url: string, desktop: Desktop = thisDesktop()): Promise<AppWindow> {
  const missing = missingDisplay(desktop);
  if (missing !== undefined) return { opened: false, reason: missing };
  let reason = "no browser of the Chromium family is installed";
  for (const command of browserPlaces(desktop)) {
    const installed = await access(command, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!installed) continue;
    try {
      await mkdir(profileFolder(desktop), { recursive: true });
      const pid = await startDetached(command, browserArguments(url, desktop));
      return pid === undefined ? { opened: true, command } : { opened: true, command, pid };
    } catch (error) {
      reason = `${command} cannot be started: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return { opened: false, reason };
}

/** Resolves once the program runs; rejects when it cannot be started. */
function startDetached(command: string, args: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { detached: true, stdio: "ignore" });
    child.once("error", reject);
    child.once("spawn", () => {
      child.unref();
      resolve(child.pid);
    });
  });
}
