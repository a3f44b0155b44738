import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "./client";

/** The server's public settings; they do not change while a page is open. */
export const config = queryOptions({
  queryKey: ["config"],
  queryFn: ({ signal }) => answer(api.GET("/api/config", { signal })),
  staleTime: Infinity,
});

export function useConfig() {
  return useQuery(config);
}
