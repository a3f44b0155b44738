import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

/** Mail the link again. */
export function useSendVerification() {
  return useMutation({ mutationFn: () => answer(api.POST("/api/users/verification")) });
}
