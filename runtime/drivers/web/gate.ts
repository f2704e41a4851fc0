/**
 * The gate: who may load the page and open the socket. Any program and any web page on the machine
 * can reach a loopback port, so a request must name this host (against DNS rebinding), a socket must
 * come from this origin (against other pages), and both must carry the token of the printed address.
 *
 * Rule: every answer and every upgrade passes `refusal` first.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

export interface Refusal {
  readonly status: 400 | 403 | 404 | 405;
  readonly text: string;
}

export class Gate {
  readonly token: string;
  readonly #tokenDigest: Uint8Array;
  #hosts: readonly string[] = [];

  constructor(token: string = randomBytes(16).toString("hex")) {
    this.token = token;
    this.#tokenDigest = digest(token);
  }

  /** Sets the port once it is known. */
  listensOn(port: number): void {
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  }

  /** Why a request is not let in, or undefined. `url` is the request's, parsed. */
  refusal(request: IncomingMessage, url: URL): Refusal | undefined {
    const host = request.headers.host ?? "";
    if (!this.#hosts.includes(host)) return { status: 403, text: "This host name is not served here." };
    const origin = request.headers.origin;
    if (origin !== undefined && !this.#isOwnOrigin(origin))
      return { status: 403, text: "Requests of other origins are refused." };
    if (!this.#isToken(url.searchParams.get("token") ?? ""))
      return { status: 403, text: "Open the address that the program printed, with its token." };
    return undefined;
  }

  /** The same for a socket, which must name its origin: browsers always do. */
  socketRefusal(request: IncomingMessage, url: URL): Refusal | undefined {
    if (request.headers.origin === undefined) return { status: 403, text: "A socket must name its origin." };
    return this.refusal(request, url);
  }

  #isOwnOrigin(origin: string): boolean {
    return this.#hosts.some((host) => origin === `http://${host}`);
  }

  /** Compares digests, so that the time taken says nothing about the token or its length. */
  #isToken(given: string): boolean {
    return timingSafeEqual(digest(given), this.#tokenDigest);
  }
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
