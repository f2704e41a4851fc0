/**
 * Setup: what `node build.mjs setup` does to a checkout in each state it may be found in.
 *
 * Except for the first test, it runs on a made-up checkout with a made-up `npm` that only writes
 * down how it was called: a real install takes many seconds and would pull the modules from under
 * the tests that run meanwhile. What it runs is the real build.mjs.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const lockedPackages = {
  "": { name: "made-up" },
  "node_modules/node": { version: "26.10.0", integrity: "sha512-a" },
  "node_modules/other-platform": { version: "1.0.0", integrity: "sha512-b", optional: true },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "orrery-setup-"));
  copyFileSync(join(root, "build.mjs"), at("build.mjs"));
  write("package.json", JSON.stringify({ dependencies: { node: "26.10.0" }, allowScripts: { node: true } }));
  write("package-lock.json", JSON.stringify({ packages: lockedPackages }));
  command("chromium", "");
  command("strip", "");
  fakeNpm("exit 1");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("setup", () => {
  test("says nothing and installs nothing in a checkout that is set up", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["build.mjs", "setup"], {
      cwd: root,
      encoding: "utf8",
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("takes an install by hand that agrees with the lockfile", () => {
    install();
    expect(setup()).toEqual({ status: 0, text: "" });
    expect(npmCalls()).toEqual([]);
    expect(existsSync(at("node_modules/.orrery-setup"))).toBe(true);
  });

  test("installs when there are no modules, and tells so", () => {
    fakeNpm(installScript());
    const { status, text } = setup();
    expect(status).toBe(0);
    expect(text).toContain("npm packages are missing: npm ci ...");
    expect(npmCalls()).toEqual(["ci --no-audit --no-fund --loglevel=error"]);
    expect(setup()).toEqual({ status: 0, text: "" });
  });

  test("installs again when the lockfile has changed since", () => {
    install();
    setup();
    const changed = { ...lockedPackages, "node_modules/new": { version: "1.0.0", integrity: "sha512-c" } };
    write("package-lock.json", JSON.stringify({ packages: changed }));
    const { status, text } = setup();
    expect(text).toContain("npm packages differ from package-lock.json: npm ci ...");
    expect(npmCalls()).toHaveLength(1);
    expect(status).toBe(1);
  });

  test("installs again after an install that was cut off", () => {
    install();
    rmSync(at("node_modules/.package-lock.json"));
    setup();
    expect(npmCalls()).toHaveLength(1);
  });

  test("tells what npm said when it fails, leaves no stamp and tries again the next time", () => {
    fakeNpm("echo the registry is away; exit 7");
    for (const calls of [1, 2]) {
      const { status, text } = setup();
      expect(status).toBe(1);
      expect(text).toContain("npm ci failed (exit code 7):\n  the registry is away");
      expect(text).toContain("type: npm ci");
      expect(npmCalls()).toHaveLength(calls);
    }
  });

  test("fetches the pinned Node where npm ran no install scripts", () => {
    install();
    rmSync(at("node_modules/node/bin/node"));
    fakeNpm(pinnedNodeScript());
    expect(setup().status).toBe(0);
    expect(npmCalls()).toEqual(["rebuild node --ignore-scripts=false --loglevel=error"]);
  });

  test("names the line to type when the pinned Node cannot be had", () => {
    install();
    rmSync(at("node_modules/node/bin/node"));
    const { status, text } = setup();
    expect(status).toBe(1);
    expect(text).toContain("type: npm rebuild node --ignore-scripts=false --foreground-scripts");
  });

  test("says so when npm itself is not there", () => {
    rmSync(at("bin/npm"));
    const { status, text } = setup();
    expect(status).toBe(1);
    expect(text).toContain("npm is not installed or not in PATH");
  });

  test.runIf(process.platform === "linux")(
    "names the line for root when system packages are missing, and goes on",
    () => {
      install();
      rmSync(at("bin/chromium"));
      const { status, text } = setup();
      expect(status).toBe(0);
      expect(text).toContain("as root type: apt-get update && apt-get install -y --no-install-recommends chromium");
    },
  );
});

/** PATH holds nothing but the made-up commands, so nothing real can be installed by mistake. */
function setup(): { status: number | null; text: string } {
  const env = { PATH: at("bin") };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["build.mjs", "setup"], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { status, text: stdout + stderr };
}

function at(path: string): string {
  return join(folder, path);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
}

function command(name: string, script: string): void {
  write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
  chmodSync(at(`bin/${name}`), 0o755);
}

function fakeNpm(script: string): void {
  command("npm", `echo "$@" >> ${at("npm-calls")}\n${script}`);
}

function npmCalls(): readonly string[] {
  return existsSync(at("npm-calls")) ? readFileSync(at("npm-calls"), "utf8").trim().split("\n") : [];
}

/** What an install leaves behind, made at once. */
function install(): void {
  spawnSync("/bin/sh", ["-c", installScript()]);
}

/** The same as a script for the made-up npm, which has no PATH to find commands in. */
function installScript(): string {
  const { "": _, "node_modules/other-platform": __, ...installed } = lockedPackages;
  const record = JSON.stringify({ packages: installed });
  return `${pinnedNodeScript()}\necho '${record}' > ${at("node_modules/.package-lock.json")}`;
}

function pinnedNodeScript(): string {
  const file = at("node_modules/node/bin/node");
  return `/bin/mkdir -p ${dirname(file)}\necho '#!/bin/sh\necho v26.10.0' > ${file}\n/bin/chmod 755 ${file}`;
}
