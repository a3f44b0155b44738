import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { useSignedIn } from "./signed-in";

/** A new password by the link in a mail; every older session ends. */
export function useConfirmPasswordReset() {
  const signedIn = useSignedIn();
  return useMutation({
    mutationFn: (body: { token: string; password: string }) =>
      answer(api.POST("/api/users/password-reset/confirm", { body })),
    onSuccess: signedIn,
  });
}
