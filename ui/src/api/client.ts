import createClient from "openapi-fetch";
import { reached, unreached } from "@/lib/reachability";
import { learnFrom } from "@/lib/server-clock";
import { problemOf, Unreachable } from "./problem";
import type { paths } from "./schema";

const PATIENCE_MS = 25_000;

/** The one way to the API: typed by its own OpenAPI document. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: patientFetch });

/** The data of an answer, or the failure thrown: a Problem, or Unreachable. */
export async function answer<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemOf(response, error);
  return data as Data;
}

async function patientFetch(request: Request): Promise<Response> {
  const asked = Date.now();
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  try {
    const response = await fetch(request, {
      signal: AbortSignal.any([request.signal, timeout]),
    });
    learnFrom(response.headers.get("Date"), asked, Date.now());
    if (isAway(response)) unreached();
    else reached();
    return response;
  } catch (error) {
    if (request.signal.aborted) throw error;
    unreached();
    throw new Unreachable();
  }
}

/** A gateway's word, or the API's own, that the system is not well. */
function isAway(response: Response): boolean {
  return response.status === 502 || response.status === 503 || response.status === 504;
}
