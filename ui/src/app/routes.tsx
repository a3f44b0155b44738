import type { QueryClient } from "@tanstack/react-query";
import { lazy, type ComponentType } from "react";
import type { RouteObject } from "react-router";
import { config } from "@/api/get-config";
import { me } from "@/api/get-me";
import { order } from "@/api/get-order";
import { orders } from "@/api/list-orders";
import { Component as MarketPage } from "@/features/tickets/market-page";
import { mayBeSignedIn } from "@/lib/session-hint";
import { ErrorPage } from "./error-page";
import { RequireOperator } from "./require-operator";
import { RequireUser } from "./require-user";
import { Opening, Shell } from "./shell";

// Loaded when they are shown, and not when their address is gone to: most may not see them.
const PurchasesPage = shown(() => import("@/features/operations/purchases-page"));
const PurchasePage = shown(() => import("@/features/operations/purchase-page"));
const BoardPage = shown(() => import("@/features/operations/board-page"));

/** Every page and its address. The market comes at once, the code of other pages when
 * they are first gone to. */
export function routes(queries: QueryClient): RouteObject[] {
  /** Asked for at once and not waited for: most pages need them. */
  function prepare(): null {
    queries.query(me).catch(() => undefined); // whoever needs it says that it is missing
    queries.query(config).catch(() => undefined);
    return null;
  }

  /** Asked for while the page's code is on its way. Whoever is not signed in asks for nothing. */
  function ahead(asking: () => Promise<unknown>): null {
    if (mayBeSignedIn()) asking().catch(() => undefined);
    return null;
  }

  return [
    {
      element: <Shell />,
      errorElement: <ErrorPage />,
      hydrateFallbackElement: <Opening />,
      loader: prepare,
      shouldRevalidate: () => false,
      children: [
        {
          errorElement: <ErrorPage />,
          children: [
            { index: true, Component: MarketPage },
            { path: "tickets/:ticketId", lazy: () => import("@/features/tickets/ticket-page") },
            { path: "login", lazy: () => import("@/features/auth/login-page") },
            { path: "register", lazy: () => import("@/features/auth/register-page") },
            { path: "verify", lazy: () => import("@/features/auth/verify-page") },
            { path: "reset", lazy: () => import("@/features/auth/reset-page") },
            { path: "terms", lazy: () => import("./terms-page") },
            {
              element: <RequireUser />,
              children: [
                { path: "tickets/create", lazy: () => import("@/features/tickets/create-page") },
                {
                  path: "tickets/:ticketId/edit",
                  lazy: () => import("@/features/tickets/edit-page"),
                },
                {
                  path: "orders",
                  loader: () => ahead(() => queries.infiniteQuery(orders)),
                  lazy: () => import("@/features/orders/orders-page"),
                },
                {
                  path: "orders/:orderId",
                  loader: ({ params: { orderId = "" } }) =>
                    ahead(() => queries.query(order(orderId))),
                  lazy: () => import("./order-page"),
                },
                {
                  path: "orders/:orderId/confirmation",
                  lazy: () => import("@/features/orders/confirmation-page"),
                },
                { path: "account", lazy: () => import("@/features/auth/account-page") },
              ],
            },
            {
              path: "operations",
              element: <RequireOperator />,
              children: [
                { index: true, Component: PurchasesPage },
                { path: "orders/:orderId", Component: PurchasePage },
                { path: "board", Component: BoardPage },
              ],
            },
            { path: "*", lazy: () => import("./not-found-page") },
          ],
        },
      ],
    },
  ];
}

function shown(load: () => Promise<{ Component: ComponentType }>) {
  return lazy(async () => ({ default: (await load()).Component }));
}
