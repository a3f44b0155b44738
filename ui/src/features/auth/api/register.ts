import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { Credentials } from "./log-in";
import { useSignedIn } from "./signed-in";

/** A new account, signed in at once. Any address gets one: mail proves later whose it is. */
export function useRegister() {
  const signedIn = useSignedIn();
  return useMutation({
    mutationFn: (body: Credentials) => answer(api.POST("/api/users/register", { body })),
    onSuccess: signedIn,
  });
}
