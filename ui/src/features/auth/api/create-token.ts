import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { Scope } from "@/api/types";
import { tokens } from "./list-tokens";

/** The answer is the only time that the token itself is told. */
export function useCreateToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; scopes: Scope[]; expires_in_days?: number }) =>
      answer(api.POST("/api/users/me/tokens", { body })),
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: tokens.queryKey }),
  });
}
