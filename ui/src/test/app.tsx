import { QueryClientProvider } from "@tanstack/react-query";
import { render, type RenderResult } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { createQueries } from "@/api/queries";
import type { Order, Ticket } from "@/api/types";

/** A component where it can ask the API and lead elsewhere. */
export function show(what: ReactNode, at = "/"): RenderResult {
  return render(
    <QueryClientProvider client={createQueries()}>
      <MemoryRouter initialEntries={[at]}>{what}</MemoryRouter>
    </QueryClientProvider>,
  );
}

export interface Asked {
  method: string;
  path: string;
  headers: Headers;
  body: unknown;
}

type Reply = { status?: number; body?: unknown; headers?: Record<string, string> } | "away";

/**
 * A server that answers as it is told, first the first way, and the last one from then on; what it
 * was asked is kept. It stands in for the network only: the whole of the client is real.
 */
export function serve(replies: Record<string, Reply | Reply[]>): Asked[] {
  const asked: Asked[] = [];
  const left = new Map(
    Object.entries(replies).map(([route, reply]) => [
      route,
      Array.isArray(reply) ? [...reply] : [reply],
    ]),
  );
  globalThis.fetch = async (input) => {
    const request = input as Request;
    const path = new URL(request.url).pathname;
    const text = await request.text();
    asked.push({
      method: request.method,
      path,
      headers: request.headers,
      body: text ? JSON.parse(text) : undefined,
    });
    const queue = left.get(`${request.method} ${path}`) ?? [];
    const reply = queue.length > 1 ? queue.shift() : queue[0];
    if (reply === "away") throw new TypeError("Failed to fetch");
    return answerWith(reply ?? { status: 404, body: problem("not-found", 404) });
  };
  return asked;
}

function answerWith({ status = 200, body, headers }: Exclude<Reply, "away">): Response {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: { "Content-Type": type, ...headers },
  });
}

export function problem(kind: string, status: number, more: object = {}): object {
  return { type: `/problems/${kind}`, title: `It is ${kind}.`, status, ...more };
}

export function aTicket(more: Partial<Ticket> = {}): Ticket {
  return {
    id: "t1",
    title: "Rock Concert",
    price: { amount: 16000, currency: "CAD" },
    venue: null,
    starts_at: null,
    seat: null,
    description: null,
    status: "available",
    seller_id: "seller",
    version: 1,
    created_at: "2026-11-01T10:00:00Z",
    updated_at: "2026-11-01T10:00:00Z",
    ...more,
  };
}

export function anOrder(more: Partial<Order> = {}): Order {
  const { id, title, price, venue, starts_at, seat, description } = aTicket();
  return {
    id: "0f1e2d3c-order",
    status: "created",
    cancel_reason: null,
    ticket: { id, title, price, venue, starts_at, seat, description },
    lines: [],
    total: null,
    billing: null,
    expires_at: "2026-11-01T10:15:00Z",
    created_at: "2026-11-01T10:00:00Z",
    payment: { status: "not_started", client_secret: null, last_error: null, card: null },
    refund: null,
    timeline: [],
    ...more,
  };
}
