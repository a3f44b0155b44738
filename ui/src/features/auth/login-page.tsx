import { valibotResolver } from "@hookform/resolvers/valibot";
import { useForm } from "react-hook-form";
import { Link, Navigate, useLocation, useNavigate, useSearchParams } from "react-router";
import * as v from "valibot";
import { useMe } from "@/api/get-me";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { Fields, TextField } from "@/components/field";
import { useFormProblem } from "@/components/form-problem";
import { Notice } from "@/components/notice";
import { Page } from "@/components/page";
import { safeNext } from "@/lib/next-path";
import { useLogIn } from "./api/log-in";
import styles from "./auth.module.css";
import { PasswordField } from "./password-field";
import { Providers } from "./providers";
import { anyPassword, email } from "./schemas";

const schema = v.object({ email, password: anyPassword });
type Values = v.InferOutput<typeof schema>;

export function Component() {
  const [params] = useSearchParams();
  const next = safeNext(params.get("next"));
  const state = useLocation().state as { sessionEnded?: boolean } | null;
  const user = useMe();
  const logIn = useLogIn();
  const navigate = useNavigate();
  const form = useForm<Values>({
    resolver: valibotResolver(schema),
    defaultValues: { email: "", password: "" },
  });
  const problem = useFormProblem(form);
  const { errors, isSubmitting } = form.formState;

  const again = params.has("again"); // a fresh sign-in is asked for, although somebody is signed in
  if (user && !again && !isSubmitting) return <Navigate to={next} replace />;

  async function submit(values: Values): Promise<void> {
    problem.clear();
    try {
      await logIn.mutateAsync(values);
      await navigate(next, { replace: true });
    } catch (error) {
      problem.show(error);
    }
  }

  const register = next === "/" ? "/register" : `/register?next=${encodeURIComponent(next)}`;
  return (
    <Page title="Log in" width="narrow">
      {state?.sessionEnded && (
        <Notice kind="info" title="Your session has ended.">
          <p>Log in again and you come back to where you were.</p>
        </Notice>
      )}
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
              autoComplete="current-password"
              error={errors.password?.message}
              aside={<Link to="/reset">Forgot password?</Link>}
              {...form.register("password")}
            />
            {problem.general && <Notice kind="bad">{problem.general}</Notice>}
            <Button type="submit" wide busy={isSubmitting}>
              Log in
            </Button>
          </Fields>
        </form>
        <p className={styles.footnote}>
          No account yet? <Link to={register}>Register</Link>
        </p>
      </Card>
    </Page>
  );
}
