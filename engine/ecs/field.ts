/**
 * Field types: what one column holds. A field is a scalar type and a length (1, or n for a fixed
 * array such as a mat4); its column is a typed array of capacity * length elements, so element k of
 * entity e of a fixed array is column[e * length + k].
 *
 * `bool` is stored as 0 or 1 in a byte, `entity` as a handle in 32 bits (0 is none).
 */

/** A typed-array column that world code may write. */
export type Column =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** A column that was declared as read only: index reads and length, nothing else. */
export interface ReadonlyColumn {
  readonly length: number;
  readonly [index: number]: number;
}

interface ScalarColumns {
  f32: Float32Array;
  f64: Float64Array;
  i8: Int8Array;
  u8: Uint8Array;
  i16: Int16Array;
  u16: Uint16Array;
  i32: Int32Array;
  u32: Uint32Array;
  bool: Uint8Array;
  entity: Uint32Array;
}
export type Scalar = keyof ScalarColumns;

/** One field of a component: its scalar type and how many of them a slot holds. */
export interface Field<S extends Scalar = Scalar> {
  readonly scalar: S;
  readonly length: number;
}
export type ColumnOf<F extends Field> = ScalarColumns[F["scalar"]];

export const f32: Field<"f32"> = { scalar: "f32", length: 1 };
export const f64: Field<"f64"> = { scalar: "f64", length: 1 };
export const i8: Field<"i8"> = { scalar: "i8", length: 1 };
export const u8: Field<"u8"> = { scalar: "u8", length: 1 };
export const i16: Field<"i16"> = { scalar: "i16", length: 1 };
export const u16: Field<"u16"> = { scalar: "u16", length: 1 };
export const i32: Field<"i32"> = { scalar: "i32", length: 1 };
export const u32: Field<"u32"> = { scalar: "u32", length: 1 };
export const bool: Field<"bool"> = { scalar: "bool", length: 1 };
/** A handle of an entity, 0 for none. */
export const entity: Field<"entity"> = { scalar: "entity", length: 1 };

/** A fixed array of `length` scalars in each slot. */
export function array<S extends Scalar>(field: Field<S>, length: number): Field<S> {
  return { scalar: field.scalar, length };
}
/** A column-major 4x4 matrix of f32 in each slot. */
export const mat4: Field<"f32"> = array(f32, 16);

const scalarBytes: Readonly<Record<Scalar, 1 | 2 | 4 | 8>> = {
  f32: 4,
  f64: 8,
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  bool: 1,
  entity: 4,
};

/** Bytes that one slot of the field takes. */
export function fieldBytes(field: Field): number {
  return scalarBytes[field.scalar] * field.length;
}

/** The field as text, such as "f32" or "f32[16]"; part of the schema hash. */
export function fieldText(field: Field): string {
  return field.length === 1 ? field.scalar : `${field.scalar}[${field.length}]`;
}

/** A typed array of the field's scalar over `buffer`. */
export function columnOver<F extends Field>(
  field: F,
  buffer: ArrayBufferLike,
  byteOffset: number,
  slotCount: number,
): ColumnOf<F> {
  return new columnConstructors[field.scalar](buffer, byteOffset, slotCount * field.length) as ColumnOf<F>;
}

const columnConstructors: {
  readonly [S in Scalar]: new (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => ScalarColumns[S];
} = {
  f32: Float32Array,
  f64: Float64Array,
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  bool: Uint8Array,
  entity: Uint32Array,
};

/** Least and greatest value of whole-number scalars; the others have none. */
export const integerRanges: Partial<Record<Scalar, readonly [number, number]>> = {
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32_768, 32_767],
  u16: [0, 65_535],
  i32: [-2_147_483_648, 2_147_483_647],
  u32: [0, 4_294_967_295],
  entity: [0, 4_294_967_295],
  bool: [0, 1],
};

/** What is wrong with `value` for the scalar, or undefined when it can be stored as it is. */
export function valueProblem(scalar: Scalar, value: number): string | undefined {
  const range = integerRanges[scalar];
  if (range === undefined) return Number.isNaN(value) ? "a number, not NaN" : undefined;
  return Number.isInteger(value) && value >= range[0] && value <= range[1]
    ? undefined
    : `${scalar}: a whole number from ${range[0]} to ${range[1]}`;
}
