import { valibotResolver } from "@hookform/resolvers/valibot";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { useNavigate } from "react-router";
import * as v from "valibot";
import { isProblem } from "@/api/problem";
import { useSignedOut } from "@/api/signed-out";
import type { Account } from "@/api/types";
import { Button, ButtonLink } from "@/components/button";
import { Card } from "@/components/card";
import { Fields } from "@/components/field";
import { useFormProblem } from "@/components/form-problem";
import { Notice } from "@/components/notice";
import { useToast } from "@/components/toast";
import { loginPath } from "@/lib/next-path";
import { useCloseAccount } from "./api/close-account";
import styles from "./auth.module.css";
import { PasswordField } from "./password-field";
import { anyPassword } from "./schemas";

/** Leave for good, after a second thought. */
export function CloseAccount({ account }: { account: Account }) {
  const [sure, setSure] = useState(false);
  return (
    <Card title="Close your account">
      <p className={styles.muted}>
        Your listings leave the market, you are signed out everywhere, and your data is deleted.
        Past orders are kept without your name. This cannot be undone.
      </p>
      {sure ? (
        <Really account={account} onCancel={() => setSure(false)} />
      ) : (
        <div className={styles.buttons}>
          <Button look="danger" onClick={() => setSure(true)}>
            Close my account
          </Button>
        </div>
      )}
    </Card>
  );
}

function Really({ account, onCancel }: { account: Account; onCancel: () => void }) {
  const close = useCloseAccount();
  const signedOut = useSignedOut();
  const navigate = useNavigate();
  const toast = useToast();
  const schema = v.object({ password: account.has_password ? anyPassword : v.string() });
  const form = useForm({ resolver: valibotResolver(schema), defaultValues: { password: "" } });
  const problem = useFormProblem(form);
  const { errors, isSubmitting } = form.formState;

  async function submit({ password }: { password: string }): Promise<void> {
    problem.clear();
    try {
      await close.mutateAsync(account.has_password ? { password } : {});
      await navigate("/", { replace: true });
      signedOut();
      toast("Your account is closed.");
    } catch (error) {
      problem.show(error);
    }
  }

  return (
    <form noValidate onSubmit={(event) => void form.handleSubmit(submit)(event)}>
      <Fields>
        {account.has_password && (
          <PasswordField
            label="Your password"
            autoComplete="current-password"
            error={errors.password?.message}
            {...form.register("password")}
          />
        )}
        {problem.general && (
          <Notice kind="bad" title={problem.general}>
            {isProblem(close.error, "open-orders") && (
              <ButtonLink to="/orders" look="secondary">
                See your orders
              </ButtonLink>
            )}
            {isProblem(close.error, "sign-in-again") && (
              <ButtonLink to={`${loginPath("/account")}&again=1`} look="secondary">
                Sign in again
              </ButtonLink>
            )}
          </Notice>
        )}
        <div className={styles.buttons}>
          <Button type="submit" look="danger" busy={isSubmitting}>
            Close it for good
          </Button>
          <Button look="quiet" onClick={onCancel}>
            Keep it
          </Button>
        </div>
      </Fields>
    </form>
  );
}
