import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

export const sessions = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => answer(api.GET("/api/users/me/sessions", { signal })),
});
