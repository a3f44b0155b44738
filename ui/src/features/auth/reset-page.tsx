import { valibotResolver } from "@hookform/resolvers/valibot";
import { MailCheck } from "lucide-react";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { Link, useNavigate } from "react-router";
import * as v from "valibot";
import { Button, ButtonLink } from "@/components/button";
import { Card } from "@/components/card";
import { Fields, TextField } from "@/components/field";
import { useFormProblem } from "@/components/form-problem";
import { Notice } from "@/components/notice";
import { Page } from "@/components/page";
import { EmptyState } from "@/components/state";
import { useToast } from "@/components/toast";
import { useMailToken } from "@/lib/mail-link";
import { useConfirmPasswordReset } from "./api/confirm-password-reset";
import { useRequestPasswordReset } from "./api/request-password-reset";
import styles from "./auth.module.css";
import { PasswordField } from "./password-field";
import { email, newPassword } from "./schemas";

/** Without a mailed link: ask for one. With it: choose a new password. */
export function Component() {
  const token = useMailToken();
  return token ? <Choose token={token} /> : <Ask />;
}

const askSchema = v.object({ email });

function Ask() {
  const [sentTo, setSentTo] = useState<string>();
  const request = useRequestPasswordReset();
  const form = useForm({ resolver: valibotResolver(askSchema), defaultValues: { email: "" } });
  const problem = useFormProblem(form);
  const { errors, isSubmitting } = form.formState;

  async function submit(values: { email: string }): Promise<void> {
    problem.clear();
    try {
      await request.mutateAsync(values);
      setSentTo(values.email);
    } catch (error) {
      problem.show(error);
    }
  }

  if (sentTo) {
    return (
      <Page title="Look into your mail" width="narrow">
        <div role="status">
          <EmptyState icon={<MailCheck />} title="A link is on its way.">
            <p>
              If there is an account for <strong>{sentTo}</strong>, it gets a mail with a link to
              choose a new password. The link is good for 10 minutes.
            </p>
            <Button look="secondary" onClick={() => setSentTo(undefined)}>
              Use another address
            </Button>
          </EmptyState>
        </div>
      </Page>
    );
  }
  return (
    <Page title="Reset your password" width="narrow">
      <Card>
        <form noValidate onSubmit={(event) => void form.handleSubmit(submit)(event)}>
          <Fields>
            <TextField
              label="E-mail address"
              type="email"
              autoComplete="username"
              placeholder="name@company.ca"
              error={errors.email?.message}
              {...form.register("email")}
            />
            {problem.general && <Notice kind="bad">{problem.general}</Notice>}
            <Button type="submit" wide busy={isSubmitting}>
              Mail me a link
            </Button>
          </Fields>
        </form>
        <p className={styles.footnote}>
          Remembered it? <Link to="/login">Log in</Link>
        </p>
      </Card>
    </Page>
  );
}

const chooseSchema = v.object({ password: newPassword });

function Choose({ token }: { token: string }) {
  const confirm = useConfirmPasswordReset();
  const navigate = useNavigate();
  const toast = useToast();
  const form = useForm({
    resolver: valibotResolver(chooseSchema),
    defaultValues: { password: "" },
  });
  const problem = useFormProblem(form);
  const { errors, isSubmitting } = form.formState;

  async function submit(values: { password: string }): Promise<void> {
    problem.clear();
    try {
      await confirm.mutateAsync({ token, ...values });
      toast("Your password is changed, and you are signed in.");
      await navigate("/", { replace: true });
    } catch (error) {
      problem.show(error);
    }
  }

  return (
    <Page
      title="Choose a new password"
      lead="All other devices are signed out when you save it."
      width="narrow"
    >
      <Card>
        <form noValidate onSubmit={(event) => void form.handleSubmit(submit)(event)}>
          <Fields>
            <PasswordField
              label="New password"
              autoComplete="new-password"
              hint="At least 8 characters."
              error={errors.password?.message}
              {...form.register("password")}
            />
            {problem.general && (
              <Notice kind="bad" title={problem.general}>
                <ButtonLink to="/reset" look="secondary" reloadDocument>
                  Ask for a new link
                </ButtonLink>
              </Notice>
            )}
            <Button type="submit" wide busy={isSubmitting}>
              Save
            </Button>
          </Fields>
        </form>
      </Card>
    </Page>
  );
}
