/** The bytes of saved flights in a keyframe. */
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import type { SavedFlight } from "./flights.ts";

export function encodeFlights(flights: readonly SavedFlight[]): Uint8Array {
  const writer = new ByteWriter().u32(flights.length);
  for (const { job, place, launchedTick, rows } of flights)
    writer.text(job).u32(place).u32(launchedTick).u32(rows.length).bytes(rows);
  return writer.take();
}

/** Raises ShortRead or RangeError for bytes that `encodeFlights` does not make. */
export function decodeFlights(bytes: Uint8Array): readonly SavedFlight[] {
  const reader = new ByteReader(bytes);
  const flights: SavedFlight[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    const [job, place, launchedTick] = [reader.text(), reader.u32(), reader.u32()];
    flights.push({ job, place, launchedTick, rows: reader.bytes(reader.u32()).slice() });
  }
  if (reader.remaining > 0) throw new RangeError(`${reader.remaining} bytes too many`);
  return flights;
}
