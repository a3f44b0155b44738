import { valibotResolver } from "@hookform/resolvers/valibot";
import { BadgeCheck, MailX } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import { isProblem, sentence } from "@/api/problem";
import { Button, ButtonLink } from "@/components/button";
import { Card } from "@/components/card";
import { Fields } from "@/components/field";
import { useFormProblem } from "@/components/form-problem";
import { Notice } from "@/components/notice";
import { Page } from "@/components/page";
import { Loading } from "@/components/skeleton";
import { EmptyState } from "@/components/state";
import { useMailToken } from "@/lib/mail-link";
import { useConfirmVerification } from "./api/confirm-verification";
import { PasswordField } from "./password-field";
import { newPassword } from "./schemas";

type Step = "checking" | "password" | "done" | "failed";

/** The link of a verification mail. */
export function Component() {
  const token = useMailToken();
  const { mutateAsync: confirm } = useConfirmVerification();
  const [step, setStep] = useState<Step>(token ? "checking" : "failed");
  const [failure, setFailure] = useState("This link is incomplete.");
  const begun = useRef(false);

  useEffect(() => {
    if (!token || begun.current) return;
    begun.current = true;
    confirm({ token }).then(
      () => setStep("done"),
      (error: unknown) => {
        if (isProblem(error, "proof-needed")) {
          setStep("password");
          return;
        }
        setFailure(
          isProblem(error, "invalid-request")
            ? "This link is used up or too old."
            : sentence(error),
        );
        setStep("failed");
      },
    );
  }, [token, confirm]);

  return (
    <Page title="Verify your e-mail address" width="narrow">
      {step === "checking" && <Loading what="your link" lines={2} />}
      {step === "password" && token && <SetPassword token={token} onDone={() => setStep("done")} />}
      {step === "done" && (
        <div role="status">
          <EmptyState icon={<BadgeCheck />} title="Your address is verified.">
            <p>Thank you. It is yours now, and yours alone.</p>
            <ButtonLink to="/">Browse tickets</ButtonLink>
          </EmptyState>
        </div>
      )}
      {step === "failed" && (
        <div role="alert">
          <EmptyState icon={<MailX />} title={failure}>
            <p>Your account page can send you a new one.</p>
            <ButtonLink to="/account">Go to your account</ButtonLink>
          </EmptyState>
        </div>
      )}
    </Page>
  );
}

const schema = v.object({ password: newPassword });

/** Somebody else may have registered the address first: its owner sets the password that counts. */
function SetPassword({ token, onDone }: { token: string; onDone: () => void }) {
  const confirm = useConfirmVerification();
  const form = useForm({ resolver: valibotResolver(schema), defaultValues: { password: "" } });
  const problem = useFormProblem(form);
  const { errors, isSubmitting } = form.formState;

  async function submit({ password }: { password: string }): Promise<void> {
    problem.clear();
    try {
      await confirm.mutateAsync({ token, password });
      onDone();
    } catch (error) {
      problem.show(error);
    }
  }

  return (
    <Card>
      <p>
        You are not signed in here. Choose a password, and the account with this address is yours;
        every other device is signed out.
      </p>
      <form noValidate onSubmit={(event) => void form.handleSubmit(submit)(event)}>
        <Fields>
          <PasswordField
            label="New password"
            autoComplete="new-password"
            hint="At least 8 characters."
            error={errors.password?.message}
            {...form.register("password")}
          />
          {problem.general && <Notice kind="bad">{problem.general}</Notice>}
          <Button type="submit" wide busy={isSubmitting}>
            Save and verify
          </Button>
        </Fields>
      </form>
    </Card>
  );
}
