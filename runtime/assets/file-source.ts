/**
 * Files of assets on the host's side, read in parts: from a folder, or from the bytes that an executable carries.
 *
 * A name is what a manifest calls `file`: a relative path with forward slashes, within the folder. Whoever opens a file
 * closes it.
 */
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { hasAsset, readAsset } from "../host/assets.ts";
import { packagedProgram } from "../host/program.ts";
import { projectFolder } from "../host/project.ts";

/** An open file. */
export interface OpenFile {
  readonly byteLength: number;
  /** Reads up to `target.length` bytes from `fileOffset` on into `target`; gives how many, 0 at the end. */
  read(target: Uint8Array, fileOffset: number): Promise<number>;
  close(): Promise<void>;
}

export interface FileSource {
  /** Opens a file; rejects with an Error whose message names it. */
  open(file: string): Promise<OpenFile>;
}

/** The assets of this program: from the executable's own bytes, or from the project's folder in a checkout. */
export function programFiles(folder: `${string}/` = "assets/"): FileSource {
  if (packagedProgram() === undefined) return folderFiles(join(projectFolder(), ...folder.split("/")));
  return {
    async open(file) {
      checkName(file);
      if (!hasAsset(folder + file)) throw new Error(`there is no file ${folder}${file} in this executable`);
      return memoryFile(readAsset(folder + file));
    },
  };
}

/** The files of a folder. */
export function folderFiles(folder: string): FileSource {
  return {
    async open(file) {
      checkName(file);
      let handle: FileHandle;
      try {
        handle = await open(join(folder, ...file.split("/")), "r");
      } catch (thrown) {
        throw new Error(`${file} cannot be opened: ${(thrown as Error).message}`, { cause: thrown });
      }
      const stat = await handle.stat();
      if (!stat.isFile()) {
        await handle.close();
        throw new Error(`${file} is not a file`);
      }
      return {
        byteLength: stat.size,
        read: async (target, fileOffset) => (await handle.read(target, 0, target.length, fileOffset)).bytesRead,
        close: () => handle.close(),
      };
    },
  };
}

/** Bytes as an open file. */
export function memoryFile(bytes: Uint8Array): OpenFile {
  return {
    byteLength: bytes.length,
    async read(target, fileOffset) {
      const part = bytes.subarray(fileOffset, fileOffset + target.length);
      target.set(part);
      return part.length;
    },
    async close() {},
  };
}

/** A manifest was checked, but requests come as bytes from another thread: none leads out of the folder. */
function checkName(file: string): void {
  if (file.split("/").some((part) => part === "" || part === "." || part === "..") || /[\\:\0]/.test(file))
    throw new Error(`"${file}" is no path within the folder of assets`);
}
