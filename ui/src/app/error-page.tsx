import { TriangleAlert } from "lucide-react";
import { useRouteError } from "react-router";
import { sentence } from "@/api/problem";
import { Button, ButtonLink } from "@/components/button";
import { Page } from "@/components/page";
import { EmptyState } from "@/components/state";

/** A page that broke. A new version of the site may be the reason: its old files are gone. */
export function ErrorPage() {
  const error = useRouteError();
  return (
    <Page title="Something went wrong" width="medium">
      <EmptyState icon={<TriangleAlert />} title="This page could not be shown.">
        <p>
          {isMissingFile(error)
            ? "A part of the page could not be loaded. Reload it: there may be a new version."
            : sentence(error)}
        </p>
        <Button onClick={() => location.reload()}>Reload</Button>
        <ButtonLink to="/" look="quiet" reloadDocument>
          Back to the market
        </ButtonLink>
      </EmptyState>
    </Page>
  );
}

function isMissingFile(error: unknown): boolean {
  return error instanceof TypeError && /module|import|fetch/i.test(error.message);
}
