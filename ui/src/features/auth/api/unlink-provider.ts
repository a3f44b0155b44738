import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { account } from "./get-account";

export function useUnlinkProvider(provider: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(api.DELETE("/api/users/me/identities/{provider}", { params: { path: { provider } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: account.queryKey }),
  });
}
