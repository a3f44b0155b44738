import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

/** The ids under which somebody buys and sells. In a body: the address is in no log. */
export function useFindPerson() {
  return useMutation({
    mutationFn: (email: string) => answer(api.POST("/api/operations/people", { body: { email } })),
  });
}
