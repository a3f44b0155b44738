import { useQuery } from "@tanstack/react-query";
import { CircleCheckBig, ScanSearch } from "lucide-react";
import { useState } from "react";
import { sentence } from "@/api/problem";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { Notice } from "@/components/notice";
import { Page } from "@/components/page";
import { Loading } from "@/components/skeleton";
import { EmptyState, ErrorState } from "@/components/state";
import { useToast } from "@/components/toast";
import { board as boardQuery, useReconcile } from "./api/board";
import { Findings } from "./findings";
import styles from "./purchase.module.css";
import { Age, Utc } from "./time";
import type { LastCheck } from "./types";

/** What needs a person. */
export function Component() {
  const { data: board, error, refetch } = useQuery(boardQuery);
  return (
    <Page
      title="Board"
      heading="What needs a person"
      lead="Orders, tickets and money are held against each other every few minutes. What does not add up, and cannot be put right by itself, is here."
    >
      {!board && !error && <Loading what="the board" lines={4} />}
      {!board && error && (
        <ErrorState error={error} what="the board" onRetry={() => void refetch()} />
      )}
      {board && error && (
        <Notice kind="bad" title="This is not up to date.">
          <p>{sentence(error)}</p>
        </Notice>
      )}
      {board && (
        <>
          <Checks last={board.last_check} />
          {board.findings.length === 0 ? (
            <EmptyState icon={<CircleCheckBig />} title="Nothing needs a person." />
          ) : (
            <section className={styles.section} aria-label="Findings">
              <Findings findings={board.findings} linked />
            </section>
          )}
          {board.healed.length > 0 && (
            <section className={styles.section} aria-labelledby="healed">
              <h2 id="healed">Put right by itself, last 24 hours</h2>
              <Findings findings={board.healed} linked />
            </section>
          )}
        </>
      )}
    </Page>
  );
}

/** The newest reconciliation, and another one. */
function Checks({ last }: { last: LastCheck | null }) {
  const reconcile = useReconcile();
  const toast = useToast();
  const [error, setError] = useState<unknown>();

  async function run(): Promise<void> {
    setError(undefined);
    try {
      await reconcile.mutateAsync();
      toast("A check of everything is under way.");
    } catch (failure) {
      setError(failure);
    }
  }

  return (
    <Card
      title="Last check"
      aside={
        <Button
          look="secondary"
          icon={<ScanSearch aria-hidden="true" />}
          busy={reconcile.isPending}
          onClick={() => void run()}
        >
          Run now
        </Button>
      }
    >
      {error !== undefined && <Notice kind="bad">{sentence(error)}</Notice>}
      {last ? (
        <dl className={styles.tiles}>
          <div>
            <dt>Began</dt>
            <dd>
              <Utc iso={last.began_at} short />, <Age iso={last.began_at} /> ago
            </dd>
          </div>
          <div>
            <dt>Ended</dt>
            <dd>{last.ended_at ? <Utc iso={last.ended_at} short /> : "Still at work"}</dd>
          </div>
          <div>
            <dt>Orders checked</dt>
            <dd>{last.orders_checked}</dd>
          </div>
          <div>
            <dt>Put right</dt>
            <dd>{last.healed}</dd>
          </div>
          <div>
            <dt>Found</dt>
            <dd>{last.found}</dd>
          </div>
        </dl>
      ) : (
        <p className={styles.muted}>Nothing has been checked yet.</p>
      )}
    </Card>
  );
}
