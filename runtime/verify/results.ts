/** What came of one run of `verify determinism`, whatever kind of run it was. */
import type { Fault } from "../../engine/base/faults.ts";
import type { Examination, ExaminationOrder } from "./examination.ts";
import type { Testimony } from "./witness.ts";

export type RunResult =
  | {
      readonly kind: "ended";
      readonly testimony: Testimony;
      readonly elapsedMillis: number;
      /** What to say of it beside its name, such as "9 keyframes"; "" for nothing. */
      readonly detail: string;
      /** Makes the run again up to a tick and examines the state there; absent where a run cannot be made again. */
      examine?(order: ExaminationOrder): Promise<Examination | undefined>;
    }
  | { readonly kind: "faulted"; readonly fault: Fault }
  /** It cannot be made here. */
  | { readonly kind: "missing"; readonly why: string }
  /** It is what the reference run was already. */
  | { readonly kind: "itself"; readonly why: string };
