import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

/** The account is gone; past orders stay, without a name. */
export function useCloseAccount() {
  return useMutation({
    mutationFn: (body: { password?: string }) => answer(api.POST("/api/users/me/close", { body })),
  });
}
