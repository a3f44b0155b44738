import { Compass } from "lucide-react";
import { ButtonLink } from "@/components/button";
import { Page } from "@/components/page";
import { EmptyState } from "@/components/state";

export function Component() {
  return (
    <Page title="Page not found" heading="There is nothing here" width="medium">
      <meta name="robots" content="noindex" />
      <EmptyState icon={<Compass />} title="This address leads nowhere.">
        <p>The page may have moved, or the link may be incomplete.</p>
        <ButtonLink to="/">Browse tickets</ButtonLink>
      </EmptyState>
    </Page>
  );
}
