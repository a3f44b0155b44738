import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { useSignedIn } from "./signed-in";

export interface Credentials {
  email: string;
  password: string;
}

export function useLogIn() {
  const signedIn = useSignedIn();
  return useMutation({
    mutationFn: (body: Credentials) => answer(api.POST("/api/users/login", { body })),
    onSuccess: signedIn,
  });
}
