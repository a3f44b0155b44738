import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { Navigate, useParams } from "react-router";
import { order as orderQuery } from "@/api/get-order";
import type { Order } from "@/api/types";
import { canChange, useWatchOrder } from "@/api/watch-order";
import { Page } from "@/components/page";
import { Loading } from "@/components/skeleton";
import { ErrorState } from "@/components/state";
import { Checkout } from "@/features/checkout/checkout";
import { OrderDetails } from "@/features/orders/order-details";

const LOOK_AGAIN_MS = 15_000;

/** One address for an order's whole life: its checkout first, its record afterwards. */
export function Component() {
  const { orderId = "" } = useParams();
  return <OrderPage key={orderId} orderId={orderId} />;
}

function OrderPage({ orderId }: { orderId: string }) {
  const query = useQuery({
    ...orderQuery(orderId),
    // The stream tells sooner. This is for networks that do not let it through.
    refetchInterval: ({ state }) => (state.data && canChange(state.data) ? LOOK_AGAIN_MS : false),
  });
  const { data: order, error, refetch } = query;
  if (order) return <Shown order={order} look={refetch} />;
  return (
    <Page title="Order" width="medium">
      {error ? (
        <ErrorState error={error} what="this order" onRetry={() => void refetch()} />
      ) : (
        <Loading what="your order" lines={5} />
      )}
    </Page>
  );
}

function Shown({ order, look }: { order: Order; look: () => unknown }) {
  const [wasOpen] = useState(() => isOpen(order));
  useWatchOrder(order);
  const onTimeIsUp = useCallback(() => void look(), [look]);

  if (isOpen(order)) return <Checkout order={order} onTimeIsUp={onTimeIsUp} />;
  if (order.status === "complete" && wasOpen) {
    return <Navigate to={`/orders/${order.id}/confirmation`} replace />;
  }
  return <OrderDetails order={order} />;
}

const isOpen = ({ status }: Order): boolean =>
  status === "created" || status === "awaiting_payment";
