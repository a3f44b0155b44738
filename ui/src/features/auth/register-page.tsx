import { valibotResolver } from "@hookform/resolvers/valibot";
import { useForm } from "react-hook-form";
import { Link, Navigate, useNavigate, useSearchParams } from "react-router";
import * as v from "valibot";
import { useMe } from "@/api/get-me";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { CheckField, Fields, TextField } from "@/components/field";
import { useFormProblem } from "@/components/form-problem";
import { Notice } from "@/components/notice";
import { Page } from "@/components/page";
import { useToast } from "@/components/toast";
import { loginPath, safeNext } from "@/lib/next-path";
import { useRegister } from "./api/register";
import styles from "./auth.module.css";
import { PasswordField } from "./password-field";
import { Providers } from "./providers";
import { email, newPassword } from "./schemas";

const schema = v.object({
  email,
  password: newPassword,
  accepted: v.pipe(
    v.boolean(),
    v.check((yes) => yes, "Please read and accept the terms and conditions."),
  ),
});
type Values = v.InferOutput<typeof schema>;

export function Component() {
  const [params] = useSearchParams();
  const next = safeNext(params.get("next"));
  const user = useMe();
  const register = useRegister();
  const navigate = useNavigate();
  const toast = useToast();
  const form = useForm<Values>({
    resolver: valibotResolver(schema),
    defaultValues: { email: "", password: "", accepted: false },
  });
  const problem = useFormProblem(form);
  const { errors, isSubmitting } = form.formState;

  if (user && !isSubmitting) return <Navigate to={next} replace />;

  async function submit(values: Values): Promise<void> {
    problem.clear();
    try {
      const { email, password } = values;
      await register.mutateAsync({ email, password });
      toast(`Welcome! We have sent a link to ${email} to verify your address.`);
      await navigate(next, { replace: true });
    } catch (error) {
      problem.show(error);
    }
  }

  return (
    <Page title="Create an account" width="narrow">
      <Card>
        <Providers next={next} />
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
            <PasswordField
              label="Password"
              autoComplete="new-password"
              hint="At least 8 characters. A few unrelated words are easy to remember and hard to guess."
              error={errors.password?.message}
              {...form.register("password")}
            />
            <CheckField
              label={
                <>
                  I accept the{" "}
                  <a href="/terms" target="_blank" rel="noreferrer">
                    Terms and Conditions
                    <span className="visually-hidden"> (opens a new tab)</span>
                  </a>
                </>
              }
              error={errors.accepted?.message}
              {...form.register("accepted")}
            />
            {problem.general && <Notice kind="bad">{problem.general}</Notice>}
            <Button type="submit" wide busy={isSubmitting}>
              Register
            </Button>
          </Fields>
        </form>
        <p className={styles.footnote}>
          Already have an account? <Link to={loginPath(next)}>Log in</Link>
        </p>
      </Card>
    </Page>
  );
}
