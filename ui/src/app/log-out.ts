import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

/** End the session, on the server too. */
export function useLogout() {
  return useMutation({ mutationFn: () => answer(api.POST("/api/users/logout")) });
}
