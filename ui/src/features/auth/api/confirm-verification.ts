import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { useSignedIn } from "./signed-in";

/** Prove an address by the link in a mail; whoever is not signed in sets a password with it. */
export function useConfirmVerification() {
  const signedIn = useSignedIn();
  return useMutation({
    mutationFn: (body: { token: string; password?: string }) =>
      answer(api.POST("/api/users/verification/confirm", { body })),
    onSuccess: signedIn,
  });
}
