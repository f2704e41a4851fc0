/** Who sits where: seats are few and change seldom, so their tugs are looked up and not searched. */
import { defineDerived, fieldsOf } from "../engine/index.ts";
import { Tug } from "./components/tug.ts";
import { seatCount } from "./tugs.ts";

/** Index of the tug of each seat, 0 for an empty one. */
export const tugBySeat = defineDerived({
  name: "tugBySeat",
  from: [fieldsOf(Tug, "seat")],
  compute({ entities, columns: { Tug } }) {
    const tugs = new Uint32Array(seatCount);
    for (let i = 0; i < entities.length; i++) tugs[Tug.seat[entities[i]!]!] = entities[i]!;
    return tugs;
  },
});
