import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { sentence } from "@/api/problem";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { Notice } from "@/components/notice";
import { Page } from "@/components/page";
import { Loading } from "@/components/skeleton";
import { ErrorState } from "@/components/state";
import { Actions } from "./actions";
import { purchase as purchaseQuery } from "./api/get-purchase";
import { useNow } from "./clock";
import { Countdown } from "./countdown";
import { Facts } from "./facts";
import { Findings } from "./findings";
import { headline, isOpen, shortId, standing } from "./headline";
import styles from "./purchase.module.css";
import { Timeline } from "./timeline";
import type { Purchase, PurchaseDetail } from "./types";
import { Workflows } from "./workflows";

/** Everything about one purchase, and what can be done to it. */
export function Component() {
  const { orderId = "" } = useParams();
  return <PurchasePage key={orderId} orderId={orderId} />;
}

function PurchasePage({ orderId }: { orderId: string }) {
  const { data: detail, error, refetch } = useQuery(purchaseQuery(orderId));
  return (
    <Page
      title={`Purchase ${shortId(orderId)}`}
      heading={detail?.purchase.ticket_title ?? `Purchase ${shortId(orderId)}`}
      lead={`Order #${shortId(orderId)}`}
    >
      {!detail && !error && <Loading what="the purchase" lines={6} />}
      {!detail && error && (
        <ErrorState error={error} what="this purchase" onRetry={() => void refetch()} />
      )}
      {detail && error && (
        <Notice kind="bad" title="This is not up to date.">
          <p>{sentence(error)}</p>
          <Button look="secondary" onClick={() => void refetch()}>
            Try again
          </Button>
        </Notice>
      )}
      {detail && <Shown detail={detail} />}
    </Page>
  );
}

function Shown({ detail }: { detail: PurchaseDetail }) {
  return (
    <>
      <Headline purchase={detail.purchase} />
      <Actions detail={detail} />
      {detail.findings.length > 0 && (
        <section className={styles.section} aria-labelledby="findings">
          <h2 id="findings">What does not add up</h2>
          <Findings findings={detail.findings} />
        </section>
      )}
      <div className={styles.columns}>
        <Card title="What happened">
          <Timeline timeline={detail.timeline} />
        </Card>
        <div className={styles.side}>
          <Card title="Purchase">
            <Facts purchase={detail.purchase} />
          </Card>
          <Card title="Workflows">
            <Workflows workflows={detail.workflows} />
          </Card>
        </div>
      </div>
    </>
  );
}

/** Said again when it changes, not with every second. */
function Headline({ purchase }: { purchase: Purchase }) {
  const [tone, words] = standing(purchase);
  return (
    <div className={styles.headline}>
      <div role="status" className={styles.said}>
        <Badge tone={tone}>{words}</Badge>
        <p>{headline(purchase, useNow())}</p>
      </div>
      {isOpen(purchase) && <Countdown until={purchase.expires_at} />}
    </div>
  );
}
