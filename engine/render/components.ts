/** What render assembly reads from a world: listed once, for the engine to add to every world. */
import type { Component } from "../ecs/component.ts";
import type { EventKind } from "../events/event.ts";
import { Light } from "./light.ts";
import { Renderable, SoundCue } from "./look.ts";

export const renderComponents: readonly Component[] = [Renderable, Light];
export const renderEvents: readonly EventKind[] = [SoundCue];
