import { valibotResolver } from "@hookform/resolvers/valibot";
import { useForm } from "react-hook-form";
import { Link } from "react-router";
import * as v from "valibot";
import type { Account } from "@/api/types";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { Fields } from "@/components/field";
import { useFormProblem } from "@/components/form-problem";
import { Notice } from "@/components/notice";
import { useToast } from "@/components/toast";
import { useChangePassword } from "./api/change-password";
import styles from "./auth.module.css";
import { PasswordField } from "./password-field";
import { anyPassword, newPassword } from "./schemas";

const schema = v.object({ current_password: anyPassword, password: newPassword });
type Values = v.InferOutput<typeof schema>;
const EMPTY = { current_password: "", password: "" };

export function PasswordSection({ account }: { account: Account }) {
  const change = useChangePassword();
  const toast = useToast();
  const form = useForm<Values>({ resolver: valibotResolver(schema), defaultValues: EMPTY });
  const problem = useFormProblem(form);
  const { errors, isSubmitting } = form.formState;

  async function submit(values: Values): Promise<void> {
    problem.clear();
    try {
      await change.mutateAsync(values);
      form.reset(EMPTY);
      toast("Your password is changed. Other devices are signed out.");
    } catch (error) {
      problem.show(error);
    }
  }

  if (!account.has_password) {
    return (
      <Card title="Password">
        <p className={styles.muted}>
          You sign in with another service and have no password here. To have one as well,{" "}
          <Link to="/reset">ask for a link</Link> to choose it.
        </p>
      </Card>
    );
  }
  return (
    <Card title="Password">
      <form noValidate onSubmit={(event) => void form.handleSubmit(submit)(event)}>
        <Fields>
          <input type="text" autoComplete="username" defaultValue={account.email} hidden readOnly />
          <PasswordField
            label="Current password"
            autoComplete="current-password"
            error={errors.current_password?.message}
            {...form.register("current_password")}
          />
          <PasswordField
            label="New password"
            autoComplete="new-password"
            hint="At least 8 characters. Your other devices are signed out."
            error={errors.password?.message}
            {...form.register("password")}
          />
          {problem.general && <Notice kind="bad">{problem.general}</Notice>}
          <div className={styles.buttons}>
            <Button type="submit" look="secondary" busy={isSubmitting}>
              Change password
            </Button>
          </div>
        </Fields>
      </form>
    </Card>
  );
}
