/**
 * The model of pipelines that schedules are compared with: what a resource is to hold, told by publications and requests
 * alone. It knows nothing of tickets, blocks, frames or retries.
 */
export interface ModelResource {
  readonly handle: number;
  readonly name: string;
  readonly needs: readonly number[];
  /** Bytes that stand in before the first publication. */
  readonly fallback: readonly number[];
  isAlive: boolean;
  /** Publications so far. */
  version: number;
  /** What is published, or undefined when the fallback stands in. */
  shown: readonly number[] | undefined;
  /** What the run that is under way is to publish; undefined when none is. */
  current: readonly number[] | undefined;
  /** What the run after it is to publish. */
  pending: readonly number[] | undefined;
  /** The attempt of the run under way that may fail next. */
  attempt: number;
  hasFailed: boolean;
}

export class Model {
  readonly resources = new Map<number, ModelResource>();

  add(handle: number, name: string, needs: readonly number[], fallback: readonly number[]): ModelResource {
    if (this.resources.has(handle)) throw new Error(`handle ${handle} was given twice`);
    const resource: ModelResource = {
      handle,
      name,
      needs,
      fallback,
      isAlive: true,
      version: 0,
      shown: undefined,
      current: undefined,
      pending: undefined,
      attempt: 1,
      hasFailed: false,
    };
    this.resources.set(handle, resource);
    return resource;
  }

  /** Something new is asked for: it begins now, or after what is under way. */
  ask(resource: ModelResource, content: readonly number[]): void {
    if (resource.current === undefined) this.#begin(resource, content);
    else resource.pending = content;
  }

  stop(resource: ModelResource): void {
    resource.current = undefined;
    resource.pending = undefined;
  }

  /** Checks one publication and gives what is wrong with it. */
  publish(handle: number, name: string, version: number): string | undefined {
    const resource = this.resources.get(handle);
    if (resource === undefined || !resource.isAlive) return `published the dead handle ${handle}`;
    if (resource.name !== name) return `published ${resource.name} as ${name}`;
    if (resource.current === undefined) return `published ${name}, which nobody asked for`;
    if (version !== resource.version + 1) return `published version ${version} of ${name} after ${resource.version}`;
    const missing = resource.needs.find((need) => this.resources.get(need)?.shown === undefined);
    if (missing !== undefined) return `published ${name} before what it needs`;
    resource.version = version;
    resource.shown = resource.current;
    resource.hasFailed = false;
    this.#next(resource);
    return undefined;
  }

  /** Checks one failed attempt and gives what is wrong with it. */
  fail(handle: number, attempt: number, isFinal: boolean, attemptsMax: number): string | undefined {
    const resource = this.resources.get(handle);
    // An attempt that failed may be told after the handle was released in the same frame.
    if (resource === undefined || !resource.isAlive || resource.current === undefined) return undefined;
    if (isFinal) {
      if (attempt !== attemptsMax) return `${resource.name} failed for good at attempt ${attempt}`;
      resource.hasFailed = true;
      this.#next(resource);
      return undefined;
    }
    if (attempt !== resource.attempt)
      return `attempt ${attempt} of ${resource.name} failed instead of ${resource.attempt}`;
    resource.attempt++;
    return undefined;
  }

  state(resource: ModelResource): string {
    if (resource.current !== undefined) return "loading";
    if (resource.hasFailed) return "failed";
    return resource.shown === undefined ? "missing" : "ready";
  }

  #begin(resource: ModelResource, content: readonly number[]): void {
    resource.current = content;
    resource.attempt = 1;
    resource.hasFailed = false;
  }

  #next(resource: ModelResource): void {
    const { pending } = resource;
    resource.current = undefined;
    resource.pending = undefined;
    if (pending !== undefined) this.#begin(resource, pending);
  }
}
