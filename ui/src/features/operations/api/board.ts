import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

const AGAIN_MS = 10_000;

/** What needs a person; asked for again while the page is looked at. */
export const board = queryOptions({
  queryKey: ["operations", "board"],
  queryFn: ({ signal }) => answer(api.GET("/api/operations/board", { signal })),
  refetchInterval: AGAIN_MS,
});

/** Somebody has dealt with it. */
export function useDismiss(findingId: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (reason: string) =>
      answer(
        api.POST("/api/operations/findings/{finding_id}/dismiss", {
          params: { path: { finding_id: findingId } },
          body: { reason },
        }),
      ),
    onSettled: refresh,
  });
}

/** Check everything now. One that is at work goes on. */
export function useReconcile() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => answer(api.POST("/api/operations/reconciliation")),
    onSettled: refresh,
  });
}

function useRefresh(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["operations"] });
}
