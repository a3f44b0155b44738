import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

/** Add a way in to this account: the browser goes to the provider and comes back. */
export function useLinkProvider() {
  return useMutation({
    mutationFn: (provider: string) =>
      answer(api.POST("/api/auth/{provider}/link", { params: { path: { provider } } })),
    onSuccess: ({ url }) => location.assign(url),
  });
}
