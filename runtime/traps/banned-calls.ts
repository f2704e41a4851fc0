/**
 * The traps themselves: what world code may not call, what to use instead, and the functions of this thread that
 * are replaced by ones that ask who runs. Outside world code each does what it always did.
 *
 * A module that takes a function when it is loaded (`const roll = Math.random`) calls what it took: traps are set before
 * the first module of a game is. Whoever needs one of them in the middle of a tick takes it before that, as
 * runtime/host/clock.ts and console.ts do. What cannot be trapped (`**`, `for...in`, imports of node:) is found by `lint`.
 */
import type { promiseHooks } from "node:v8";
import "../host/clock.ts";
import "../host/console.ts";
import { instead, insteadOfMath, roundedMath } from "../lint/instead.ts";
import { catchCall, isWatched } from "./caught.ts";

// biome-ignore lint/suspicious/noExplicitAny: traps stand before functions of every shape.
type AnyFunction = (...given: any[]) => any;
type Methods = Record<string, AnyFunction>;

const timers = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame"];
/** Globals that are banned by being looked at, and by being used wherever they were looked at before. */
const hostObjects = ["fetch", "navigator", "WebSocket", "EventSource", "XMLHttpRequest", "localStorage"];

/** Functions of traps, which need none. */
const trapped = new WeakSet<AnyFunction>();
let areSet = false;
let arePromisesTrapped = false;

/** Replaces what is banned in this thread, once; promises are apart. */
export function setTraps(): void {
  if (areSet) return;
  areSet = true;
  const host = globalThis as unknown as Record<string, Methods>;
  for (const name of roundedMath) trapMath(name);
  trapMethod(Math as unknown as Methods, "random", "Math.random", instead.random);
  // Static functions first: the constructor's trap stands before the same object.
  trapMethod(Date as unknown as Methods, "now", "Date.now", instead.clock);
  trapConstructor(host, "Date", "Date", instead.clock);
  trapMembers(Object.getPrototypeOf(performance) as object, "performance", instead.clock);
  trapMembers(performance, "performance", instead.clock);
  const { Temporal } = globalThis as { readonly Temporal?: { readonly Now: object } };
  if (Temporal !== undefined) trapMembers(Temporal.Now, "Temporal.Now", instead.clock);
  trapMember(Event.prototype, "timeStamp", "Event.timeStamp", instead.clock);
  for (const name of ["uptime", "cpuUsage", "memoryUsage", "hrtime"])
    trapMethod(process as unknown as Methods, name, `process.${name}`, instead.clock);
  trapMethod(process.hrtime as unknown as Methods, "bigint", "process.hrtime.bigint", instead.clock);
  for (const name of timers) trapMethod(globalThis as unknown as Methods, name, name, instead.timer);
  trapMethod(process as unknown as Methods, "nextTick", "process.nextTick", instead.timer);
  // Behind those of its members that have a text of their own. What ends a thread changes no world, and is told as its end.
  trapMembers(process, "process", instead.host, ["abort", "exit", "kill", "reallyExit"]);
  for (const name of ["wait", "waitAsync"])
    trapMethod(Atomics as unknown as Methods, name, `Atomics.${name}`, instead.async);
  for (const name of ["allocUnsafe", "allocUnsafeSlow"])
    trapMethod(Buffer as unknown as Methods, name, `Buffer.${name}`, instead.host);
  trapLocale(host);
  for (const name of ["WeakRef", "FinalizationRegistry"]) trapConstructor(host, name, name, instead.collector);
  trapMethod(WeakRef.prototype as unknown as Methods, "deref", "WeakRef.deref", instead.collector);
  trapGlobal("crypto", instead.random);
  for (const name of hostObjects) trapGlobal(name, instead.host);
}

function trapLocale(host: Record<string, Methods>): void {
  for (const name of ["localeCompare", "toLocaleLowerCase", "toLocaleUpperCase"])
    trapMethod(String.prototype as unknown as Methods, name, `String.${name}`, instead.locale);
  const typedArray = Object.getPrototypeOf(Uint8Array) as { readonly prototype: object };
  for (const [name, { prototype }] of Object.entries({ Number, BigInt, Array, Date, TypedArray: typedArray }))
    trapMethod(prototype as Methods, "toLocaleString", `${name}.toLocaleString`, instead.locale);
  for (const name of ["toLocaleDateString", "toLocaleTimeString"])
    trapMethod(Date.prototype as unknown as Methods, name, `Date.${name}`, instead.locale);
  for (const name of Object.getOwnPropertyNames(Intl))
    if (typeof host["Intl"]![name] === "function" && /^[A-Z]/.test(name))
      trapConstructor(host["Intl"] as never, name, `Intl.${name}`, instead.locale);
}

/** Of one argument or two, so that the compiler of the host can still put the function in the place of its call. */
function trapMath(name: string): void {
  const methods = Math as unknown as Methods;
  const original = methods[name]!;
  const call = `Math.${name}`;
  const why = insteadOfMath(name);
  let trap: AnyFunction;
  if (original.length === 1)
    trap = (x: number) => {
      if (isWatched()) refuse(call, why, trap);
      return original(x);
    };
  else
    trap = (...given: number[]) => {
      if (isWatched()) refuse(call, why, trap);
      return original(...given);
    };
  replace(methods, name, trap);
}

/** A method, or a function of the global object; one that this host does not have is left out. */
function trapMethod(owner: Methods, name: string, call: string, why: string): void {
  const original = owner[name];
  if (typeof original !== "function") return;
  const trap = function (this: unknown, ...given: unknown[]): unknown {
    if (isWatched()) refuse(call, why, trap);
    return Reflect.apply(original, this, given);
  };
  trapped.add(trap);
  // What hangs on the function, such as hrtime.bigint, hangs on the trap.
  for (const key of Reflect.ownKeys(original))
    if (!["length", "name", "prototype"].includes(key as string))
      Object.defineProperty(trap, key, Object.getOwnPropertyDescriptor(original, key)!);
  replace(owner, name, trap);
}

function trapConstructor(owner: Record<string, unknown>, name: string, call: string, why: string): void {
  const original = owner[name] as ConstructorFunction | undefined;
  if (original === undefined) return;
  const trap = watchedFunction(original, call, why);
  replace(owner, name, trap);
  // Else `value.constructor` leads past the trap.
  replace(original.prototype as Record<string, unknown>, "constructor", trap);
}

type ConstructorFunction = AnyFunction & { readonly prototype: object };

/** A function that is called, or made things with, under watch. */
function watchedFunction<Original extends ConstructorFunction>(
  original: Original,
  call: string,
  why: string,
): Original {
  const handler: ProxyHandler<Original> = {
    apply(target, self, given) {
      if (isWatched()) refuse(call, why, handler.apply as AnyFunction);
      return Reflect.apply(target, self, given);
    },
    construct(target, given, made) {
      if (isWatched()) refuse(`new ${call}`, why, handler.construct as AnyFunction);
      return Reflect.construct(target, given, made === trap ? target : made) as object;
    },
  };
  const trap = new Proxy(original, handler);
  return trap;
}

/** A global object that no world code may look at. Hosts make them when they are first asked for, and so it stays. */
function trapGlobal(name: string, why: string): void {
  const found = Object.getOwnPropertyDescriptor(globalThis, name);
  if (found?.configurable !== true) return;
  const read = found.get ?? (() => found.value as unknown);
  let original: unknown;
  let watched: unknown;
  const get = function (this: unknown): unknown {
    if (isWatched()) refuse(name, why, get);
    const value = Reflect.apply(read, globalThis, []) as unknown;
    if (value !== original) {
      original = value;
      watched = typeof value === "function" ? watchedFunction(value as ConstructorFunction, name, why) : value;
      if (typeof value === "object" && value !== null) trapMembers(Object.getPrototypeOf(value) as object, name, why);
    }
    return watched;
  };
  const set = (value: unknown): void => {
    Object.defineProperty(globalThis, name, { value, configurable: true, enumerable: true, writable: true });
  };
  Object.defineProperty(globalThis, name, { get, set, configurable: true, enumerable: found.enumerable === true });
}

/** What an object, or an object's kind, has: methods, and values that are looked at. Those that are trapped already stay. */
function trapMembers(owner: object, name: string, why: string, but: readonly string[] = []): void {
  for (const key of Object.getOwnPropertyNames(owner))
    if (key !== "constructor" && !but.includes(key)) trapMember(owner, key, `${name}.${key}`, why);
}

function trapMember(owner: object, key: string, call: string, why: string): void {
  const found = Object.getOwnPropertyDescriptor(owner, key);
  if (found?.configurable !== true || trapped.has(found.value ?? found.get)) return;
  if (typeof found.value === "function") {
    trapMethod(owner as Methods, key, call, why);
    return;
  }
  // A value that is set later, as by the host, is what is read from then on.
  let { value } = found as { value: unknown };
  const read = found.get ?? (() => value);
  const get = function (this: unknown): unknown {
    if (isWatched()) refuse(call, why, get);
    return Reflect.apply(read, this, []) as unknown;
  };
  const write = (given: unknown): void => {
    value = given;
  };
  trapped.add(get);
  const set = found.get === undefined && found.writable === true ? write : found.set;
  const rest = { configurable: true, enumerable: found.enumerable === true };
  Object.defineProperty(owner, key, { get, ...(set === undefined ? {} : { set }), ...rest });
}

/**
 * Every promise, also those of async functions, which call nothing that could be replaced. V8 does not survive
 * a throw here, so the fault waits until the world code that is running returns. Nothing of it can be taken beforehand.
 */
export function trapPromises(): void {
  if (arePromisesTrapped) return;
  arePromisesTrapped = true;
  const born = (): void => {
    if (isWatched()) catchCall("a promise", instead.async, born);
  };
  // JavaScriptCore's hosts have no such hook; there, `lint` is what finds them.
  const v8 = process.getBuiltinModule("node:v8") as { readonly promiseHooks?: typeof promiseHooks };
  v8.promiseHooks?.onInit(born);
}

function refuse(call: string, why: string, trap: AnyFunction): void {
  const fault = catchCall(call, why, trap);
  if (fault !== undefined) throw fault;
}

function replace(owner: object, name: string, value: unknown): void {
  const found = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: found?.enumerable === true,
  });
}
