import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { me } from "@/api/get-me";
import { Loading } from "@/components/skeleton";
import { ErrorState } from "@/components/state";
import { loginPath } from "@/lib/next-path";

/** Pages of somebody: whoever is not signed in does that first and then comes back here. */
export function RequireUser() {
  const { data: user, error, refetch } = useQuery(me);
  const { pathname, search } = useLocation();
  const [wasSignedIn, setWasSignedIn] = useState(false);
  if (user && !wasSignedIn) setWasSignedIn(true);

  if (user === undefined && error) {
    return <ErrorState error={error} what="your account" onRetry={() => void refetch()} />;
  }
  if (user === undefined) return <Loading what="your account" />;
  if (user === null) {
    if (window.location.pathname !== pathname) return null; // on the way to somewhere else already
    const state = { sessionEnded: wasSignedIn };
    return <Navigate to={loginPath(pathname + search)} state={state} replace />;
  }
  return <Outlet />;
}
