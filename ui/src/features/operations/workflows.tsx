import { ExternalLink } from "lucide-react";
import { Badge, type Tone } from "@/components/badge";
import styles from "./purchase.module.css";
import { Utc } from "./time";
import type { Workflow } from "./types";
import { Words } from "./words";

const TONES: Record<string, Tone> = {
  running: "live",
  completed: "good",
  unknown: "warn",
  missing: "plain",
  canceled: "warn",
};

/** What carries this purchase in Temporal. */
export function Workflows({ workflows }: { workflows: readonly Workflow[] }) {
  if (workflows.length === 0) return <p className={styles.muted}>Temporal knows of none.</p>;
  return (
    <ul className={styles.workflows}>
      {workflows.map((workflow) => (
        <li key={workflow.workflow_id} className={styles.workflow}>
          <div className={styles.workflowTop}>
            <code>{workflow.workflow_id}</code>
            <Badge tone={TONES[workflow.status] ?? "bad"}>{workflow.status}</Badge>
          </div>
          {workflow.says && (
            <p className={styles.says}>
              <Words>{workflow.says}</Words>
            </p>
          )}
          <p className={styles.span}>
            {workflow.started_at && (
              <span>
                Began <Utc iso={workflow.started_at} short />
              </span>
            )}
            {workflow.closed_at && (
              <span>
                Ended <Utc iso={workflow.closed_at} short />
              </span>
            )}
            {workflow.url && isWeb(workflow.url) && (
              <a href={workflow.url} target="_blank" rel="noopener noreferrer">
                Open in Temporal
                <ExternalLink aria-hidden="true" />
                <span className="visually-hidden">, {workflow.workflow_id}, in a new tab</span>
              </a>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}

const isWeb = (url: string): boolean => /^https?:\/\//.test(url);
