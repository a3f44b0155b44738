import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

/** Always accepted: the answer does not tell whether there is such an account. */
export function useRequestPasswordReset() {
  return useMutation({
    mutationFn: (body: { email: string }) =>
      answer(api.POST("/api/users/password-reset", { body })),
  });
}
