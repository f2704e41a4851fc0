/**
 * The rolling pieces of a run's journal: at every moment each is a journal that can be replayed, and the older one reaches
 * back for half a minute to a minute. A keyframe begins a new piece in the place of the older one.
 *
 *     a   header, ticks 1 ..................... 3600
 *     b                    keyframe 1800, 1801 ..... 5400        b is the older one now
 *     c                                  keyframe 3600, 3601 ...
 *
 * Given the blocks of a journal as they come, and what pieces are kept in: files, or memory where there are none. Each
 * carries the code that its ticks were made with, where that was handed over. The rule a reader could break: a keyframe
 * comes some blocks behind the tick that it is of, so the blocks of a while are kept, and a new piece begins with those
 * behind it, under the program of that tick.
 */
import { type BlockKind, blockKind } from "../../engine/replay/block.ts";
import {
  decodeEnd,
  decodeHeader,
  decodeKeyframePayload,
  decodeRewind,
  encodeNote,
  type JournalRewind,
} from "../../engine/replay/wire.ts";
import { codeTopic } from "../hot/code-topic.ts";
import type { StreamedBlock } from "./block-stream.ts";
import { flightSeconds } from "./flight-pace.ts";
import { type FlightProgram, programBehind, type RecentBlock, recentOf } from "./flight-program.ts";

/** Blocks that are kept for a keyframe that comes late: some seconds of the fastest run. */
const recentCountMax = 512;

/** What a piece is kept in. */
export interface FlightPiece {
  /** Appends a block; the first one is a header. The payload is the piece's. */
  add(kind: BlockKind, payload: Uint8Array): void;
  /** Nobody needs it any more. */
  remove(): void;
}

export interface FlightRollOptions<Piece extends FlightPiece> {
  /** Between two keyframes that begin a piece; those in between are passed by. */
  readonly seconds?: number | undefined;
  /** Makes an empty piece. */
  begin(): Piece;
  /** The payload of an attachment that each piece has behind its header. */
  readonly mark?: Uint8Array | undefined;
  /** The payload of an attachment that holds the code of a hash; undefined for what nobody handed over. */
  codeOf?(hash: string): Uint8Array | undefined;
}

interface Rolling<Piece> {
  readonly piece: Piece;
  readonly startTick: number;
  /** The program that it begins with. */
  readonly program: FlightProgram;
  /** Hashes of the code that it carries. */
  readonly codes: Set<string>;
}

export class FlightRoll<Piece extends FlightPiece> {
  readonly #options: FlightRollOptions<Piece>;
  /** The older one first; at most two between calls. */
  #rolling: Rolling<Piece>[] = [];
  /** The programs so far, of which the last makes the next tick. */
  #programs: FlightProgram[] = [];
  /** Attachments of code that pieces carry, by hash: made small once. */
  readonly #carried = new Map<string, Uint8Array>();
  #recent: RecentBlock[] = [];
  #end: Uint8Array | undefined;

  constructor(options: FlightRollOptions<Piece>) {
    this.#options = options;
  }

  /** The piece that reaches back further; undefined before a world has begun. */
  get older(): Piece | undefined {
    return this.#rolling[0]?.piece;
  }

  /** The end of the journal, which is in no piece: it stands behind what a black box has to say. */
  get end(): Uint8Array | undefined {
    return this.#end;
  }

  /** Whether the run has ended well: then nothing of it is to be told. */
  get hasEndedWell(): boolean {
    return this.#end !== undefined && decodeEnd(this.#end).reason === "stopped";
  }

  /** Takes the next block of the journal. Throws what pieces throw. */
  add(block: StreamedBlock): void {
    const { kind, payload } = block;
    const recent = recentOf(block);
    switch (kind) {
      case blockKind.header:
        this.#programs = [{ header: payload, code: "", swapTick: -1, depth: 0 }];
        this.#rolling.push(this.#begin(this.#programs[0]!, 0));
        return;
      case blockKind.keyframe:
        this.#turn(payload);
        return;
      // A piece without an end can be gone on with.
      case blockKind.end:
        this.#end = payload;
        return;
      case blockKind.rewind:
        this.#goBack(decodeRewind(payload));
        break;
      // The note of the code with which the journal begins.
      case blockKind.note:
        if (recent.code !== "") this.#programs = this.#programs.map((program) => ({ ...program, code: recent.code }));
        break;
    }
    this.#recent.push(recent);
    if (this.#recent.length > recentCountMax) this.#recent.shift();
    for (const rolling of this.#rolling) this.#append(rolling, recent);
    if (kind === blockKind.swap) this.#programs.push(programBehind(this.#programs.at(-1)!, payload));
  }

  /** Gives up the older piece to whoever makes a black box of it. */
  take(): Piece | undefined {
    return this.#rolling.shift()?.piece;
  }

  /** Removes what is left. */
  clear(): void {
    for (const { piece } of this.#rolling) piece.remove();
    this.#rolling = [];
    this.#recent = [];
  }

  /** Begins a piece at a keyframe, in the place of the older one. */
  #turn(payload: Uint8Array): void {
    const { tick } = decodeKeyframePayload(payload);
    // A keyframe of the swap's own tick is of the program behind it.
    const program = this.#programs.findLast(({ swapTick }) => swapTick <= tick);
    if (program === undefined || !this.#isDue(tick, program)) return;
    const recent = this.#recent;
    const ticksAt = recent.findLastIndex((block) => block.kind === blockKind.ticks && block.tick <= tick);
    const swapAt = recent.findLastIndex(({ kind, tick: at }) => kind === blockKind.swap && at === program.swapTick);
    const from = Math.max(ticksAt, swapAt + 1);
    // So late that the ticks behind it are forgotten: the pieces that are there go on, until the next one.
    if (ticksAt < 0 && swapAt < 0) return;
    const rolling = this.#begin(program, tick);
    rolling.piece.add(blockKind.keyframe, payload);
    for (const block of recent.slice(from)) this.#append(rolling, block);
    this.#rolling.push(rolling);
    // Last, so that there is one of the full length at any moment.
    if (this.#rolling.length > 2) this.#rolling.shift()!.piece.remove();
    for (const hash of this.#carried.keys())
      if (!this.#rolling.some(({ codes }) => codes.has(hash))) this.#carried.delete(hash);
  }

  /** Whether a keyframe is one for the flight recorder: a journal may have asked for more of them. */
  #isDue(tick: number, { header }: FlightProgram): boolean {
    const newest = this.#rolling.at(-1);
    if (newest === undefined) return true;
    const ticks = (this.#options.seconds ?? flightSeconds) * decodeHeader(header).program.tickRate;
    return Math.floor(tick / ticks) > Math.floor(newest.startTick / ticks);
  }

  /** What the world has gone back beyond can no longer be told from a keyframe behind it, or by a program behind it. */
  #goBack({ tick, undoneSwaps }: JournalRewind): void {
    this.#programs = this.#programs.filter(({ swapTick }) => swapTick <= tick);
    this.#programs.splice(this.#programs.length - undoneSwaps);
    const { depth } = this.#programs.at(-1)!;
    const isKept = ({ startTick, program }: Rolling<Piece>): boolean => startTick <= tick && program.depth <= depth;
    for (const rolling of this.#rolling) if (!isKept(rolling)) rolling.piece.remove();
    this.#rolling = this.#rolling.filter(isKept);
  }

  /** Appends a block, behind the code that it names. */
  #append(rolling: Rolling<Piece>, { kind, payload, code }: RecentBlock): void {
    if (code !== "") this.#carry(rolling, code);
    rolling.piece.add(kind, payload);
  }

  #carry({ piece, codes }: Rolling<Piece>, hash: string): void {
    if (codes.has(hash)) return;
    const attachment = this.#carried.get(hash) ?? this.#options.codeOf?.(hash);
    if (attachment === undefined) return;
    this.#carried.set(hash, attachment);
    codes.add(hash);
    piece.add(blockKind.attachment, attachment);
  }

  #begin(program: FlightProgram, startTick: number): Rolling<Piece> {
    const piece = this.#options.begin();
    piece.add(blockKind.header, program.header);
    if (this.#options.mark !== undefined) piece.add(blockKind.attachment, this.#options.mark);
    const rolling = { piece, startTick, program, codes: new Set<string>() };
    if (program.code === "") return rolling;
    this.#carry(rolling, program.code);
    piece.add(blockKind.note, encodeNote({ tick: startTick, topic: codeTopic, text: program.code }));
    return rolling;
  }
}
