import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { sessions } from "./list-sessions";

/** End one session, or all but this one. */
export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (which: { id: string } | "others") =>
      which === "others"
        ? answer(api.DELETE("/api/users/me/sessions"))
        : answer(
            api.DELETE("/api/users/me/sessions/{session_id}", {
              params: { path: { session_id: which.id } },
            }),
          ),
    onSettled: () => queries.invalidateQueries({ queryKey: sessions.queryKey }),
  });
}
