import { useQuery } from "@tanstack/react-query";
import { lazy, useState } from "react";
import { Navigate, useLocation } from "react-router";
import { me } from "@/api/get-me";
import { Loading } from "@/components/skeleton";
import { ErrorState } from "@/components/state";
import { loginPath } from "@/lib/next-path";

const NotFoundPage = lazy(async () => ({ default: (await import("./not-found-page")).Component }));
const Desk = lazy(async () => ({
  default: (await import("@/features/operations/desk")).Component,
}));

/**
 * Pages of people on duty. For everybody else there is nothing at these addresses, and not even the
 * code of the pages is loaded. Only somebody whose session ended in front of them is asked to sign
 * in again.
 */
export function RequireOperator() {
  const { data: user, error, refetch } = useQuery(me);
  const { pathname, search } = useLocation();
  const [wasOperator, setWasOperator] = useState(false);
  const isOperator = user?.role === "operator";
  if (isOperator && !wasOperator) setWasOperator(true);

  if (user === undefined && error) {
    return <ErrorState error={error} what="your account" onRetry={() => void refetch()} />;
  }
  if (user === undefined) return <Loading what="the page" />;
  if (isOperator) return <Desk />;
  if (user !== null || !wasOperator) return <NotFoundPage />;
  if (window.location.pathname !== pathname) return null; // on the way to somewhere else already
  const state = { sessionEnded: true };
  return <Navigate to={loginPath(pathname + search)} state={state} replace />;
}
