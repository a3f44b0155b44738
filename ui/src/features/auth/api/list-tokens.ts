import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

export const tokens = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => answer(api.GET("/api/users/me/tokens", { signal })),
});
