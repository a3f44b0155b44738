import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";

/** One of the signed-in user's orders. */
export function order(orderId: string) {
  return queryOptions({
    queryKey: ["orders", "one", orderId],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/orders/{order_id}", { params: { path: { order_id: orderId } }, signal }),
      ),
  });
}
