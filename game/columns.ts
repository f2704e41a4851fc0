/** The type of columns that a free function only reads, for functions that several systems share. */
import type { Component, ReadonlyColumn } from "../engine/index.ts";

export type ColumnsToRead<C extends Component> = { readonly [K in keyof C["fields"]]: ReadonlyColumn };
