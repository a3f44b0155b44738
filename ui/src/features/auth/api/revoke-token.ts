import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { tokens } from "./list-tokens";

export function useRevokeToken(tokenId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(
        api.DELETE("/api/users/me/tokens/{token_id}", { params: { path: { token_id: tokenId } } }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: tokens.queryKey }),
  });
}
