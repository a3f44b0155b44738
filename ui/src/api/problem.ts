import type { components } from "./schema";

type ProblemBody = components["schemas"]["Problem"];

/** A failure that the API explains (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  /** Which failure: "ticket-unavailable", the end of the problem's type. */
  readonly kind: string;
  readonly fields: readonly { field: string; message: string }[];
  readonly requestId: string | undefined;
  /** Seconds to wait before another try makes sense, if the API says so. */
  readonly retryAfter: number | undefined;

  constructor(body: ProblemBody, retryAfter?: number) {
    super(body.detail ?? body.title);
    this.name = "Problem";
    this.status = body.status;
    this.kind = body.type.replace(/^.*\//, "");
    this.fields = body.errors ?? [];
    this.requestId = body.request_id ?? undefined;
    this.retryAfter = retryAfter;
  }
}

/** The API did not answer: no network, no server, or it took too long. */
export class Unreachable extends Error {
  constructor() {
    super("Ticket Exchange cannot be reached right now. Check your connection and try again.");
    this.name = "Unreachable";
  }
}

/** Whether this is the API's failure of that kind ("not-signed-in"). */
export function isProblem(error: unknown, kind: string): error is Problem {
  return error instanceof Problem && error.kind === kind;
}

/** Whether trying again later may help: nobody answered, or the API says that it is not well. */
export function mayPass(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Problem && error.status >= 500);
}

/** One sentence for a person, whatever was thrown. */
export function sentence(error: unknown): string {
  if (error instanceof Problem) {
    const wait = error.status === 429 && error.retryAfter ? ` ${waiting(error.retryAfter)}` : "";
    const trace = error.requestId ? ` (Reference: ${error.requestId})` : "";
    return `${error.message}${wait}${trace}`;
  }
  if (error instanceof Unreachable) return error.message;
  return "Something went wrong in this page. Reload it and try again.";
}

function waiting(seconds: number): string {
  if (seconds < 90) return `Try again in ${Math.ceil(seconds)} seconds.`;
  return `Try again in ${Math.ceil(seconds / 60)} minutes.`;
}

/** What an answer that is not a success says; a proxy's page says nothing but its status. */
export function problemOf(response: Response, body: unknown): Problem {
  const retryAfter = Number(response.headers.get("Retry-After")) || undefined;
  return new Problem(isProblemBody(body) ? body : fallback(response.status), retryAfter);
}

function isProblemBody(body: unknown): body is ProblemBody {
  return typeof body === "object" && body !== null && "type" in body && "title" in body;
}

function fallback(status: number): ProblemBody {
  const title = status >= 500 ? "Please try again in a moment." : "The request was refused.";
  return { type: "/problems/unexplained", title, status };
}
