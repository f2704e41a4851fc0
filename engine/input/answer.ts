/**
 * Answers: rows of values for a component that only the door writes, such as what a tick job found out.
 * One codec for the journal and the door: each row is the handle of an entity and then the component's
 * fields in the order of their names, little-endian, without padding.
 */
import { type ByteReader, ByteWriter } from "../base/bytes.ts";
import { raise } from "../base/faults.ts";
import { type Component, fieldNames } from "../ecs/component.ts";
import { type Column, type Field, fieldBytes, type Scalar } from "../ecs/field.ts";
import { handleIndex } from "../ecs/handle.ts";

/** Bytes of one row. */
export function answerRowBytes(component: Component): number {
  return fieldNames(component).reduce((sum, name) => sum + fieldBytes(component.fields[name]!), 4);
}

/** Appends row `row` of `columns`, which hold `entity` and the component's fields. Raises "not-a-number". */
export function encodeAnswerRow(
  writer: ByteWriter,
  component: Component,
  columns: Readonly<Record<string, Column>>,
  row: number,
  source: string,
  tick: number,
): void {
  const handle = columns["entity"]![row]!;
  writer.u32(handle);
  for (const name of fieldNames(component)) {
    const { scalar, length } = component.fields[name]!;
    const column = columns[name]!;
    for (let k = 0; k < length; k++) {
      const value = column[row * length + k]!;
      if (Number.isNaN(value))
        raise("not-a-number", {
          component: component.name,
          field: name,
          entity: handleIndex(handle),
          system: source,
          tick,
        });
      write(writer, scalar, value);
    }
  }
}

/** Reads the values of one row behind its handle into slot `index` of `columns`. */
export function decodeAnswerRow(
  reader: ByteReader,
  component: Component,
  columns: Readonly<Record<string, Column>> | undefined,
  index: number,
): void {
  for (const name of fieldNames(component)) {
    const { scalar, length } = component.fields[name]! as Field;
    for (let k = 0; k < length; k++) {
      const value = read(reader, scalar);
      if (columns !== undefined) columns[name]![index * length + k] = value;
    }
  }
}

/** An empty writer for the rows of one answer. */
export function answerWriter(component: Component, rowCountMax: number): ByteWriter {
  return new ByteWriter(Math.max(64, answerRowBytes(component) * rowCountMax));
}

const words = new DataView(new ArrayBuffer(8));

function write(writer: ByteWriter, scalar: Scalar, value: number): void {
  switch (scalar) {
    case "f32":
      writer.f32(value);
      break;
    case "f64":
      writer.f64(value);
      break;
    case "i8":
    case "u8":
    case "bool":
      writer.u8(value & 255);
      break;
    case "i16":
    case "u16":
      writer.u16(value & 65_535);
      break;
    case "i32":
    case "u32":
    case "entity":
      writer.u32(value >>> 0);
      break;
  }
}

function read(reader: ByteReader, scalar: Scalar): number {
  switch (scalar) {
    case "f32":
      return reader.f32();
    case "f64":
      return reader.f64();
    case "u8":
    case "bool":
      return reader.u8();
    case "i8":
      words.setUint8(0, reader.u8());
      return words.getInt8(0);
    case "u16":
      return reader.u16();
    case "i16":
      words.setUint16(0, reader.u16());
      return words.getInt16(0);
    case "u32":
    case "entity":
      return reader.u32();
    case "i32":
      return reader.u32() | 0;
  }
}
