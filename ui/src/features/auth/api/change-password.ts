import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { sessions } from "./list-sessions";

/** Every other session ends. */
export function useChangePassword() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { current_password: string; password: string }) =>
      answer(api.PUT("/api/users/me/password", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: sessions.queryKey }),
  });
}
