import { valibotResolver } from "@hookform/resolvers/valibot";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import type { NewToken, Scope } from "@/api/types";
import { Button } from "@/components/button";
import { CheckField, Fields, SelectField, TextField } from "@/components/field";
import { useFormProblem } from "@/components/form-problem";
import { Notice } from "@/components/notice";
import { useCreateToken } from "./api/create-token";
import styles from "./auth.module.css";

const SCOPES: Record<Scope, string> = {
  "tickets:write": "Sell: create, change and delete my listings",
  "orders:write": "Buy: reserve, bill, cancel and refund",
  "orders:read": "Look at my orders",
};
const LIFETIMES = [30, 90, 365] as const;

const schema = v.object({
  name: v.pipe(v.string(), v.trim(), v.nonEmpty("Give the token a name."), v.maxLength(100)),
  scopes: v.pipe(v.array(v.string()), v.minLength(1, "Choose at least one.")),
  expires: v.string(),
});
type Values = v.InferOutput<typeof schema>;

export function NewTokenForm(props: { onMade: (token: NewToken) => void; onCancel: () => void }) {
  const create = useCreateToken();
  const form = useForm<Values>({
    resolver: valibotResolver(schema),
    defaultValues: { name: "", scopes: [], expires: "90" },
  });
  const problem = useFormProblem(form, { expires_in_days: "expires" });
  const { errors, isSubmitting } = form.formState;

  async function submit(values: Values): Promise<void> {
    problem.clear();
    try {
      const made = await create.mutateAsync({
        name: values.name,
        scopes: values.scopes as Scope[],
        ...(values.expires ? { expires_in_days: Number(values.expires) } : {}),
      });
      props.onMade(made);
    } catch (error) {
      problem.show(error);
    }
  }

  return (
    <form noValidate onSubmit={(event) => void form.handleSubmit(submit)(event)}>
      <Fields>
        <TextField
          label="Name"
          placeholder="What is it for?"
          maxLength={100}
          autoComplete="off"
          error={errors.name?.message}
          {...form.register("name")}
        />
        <fieldset className={styles.scopes}>
          <legend>It may</legend>
          {Object.entries(SCOPES).map(([scope, words]) => (
            <CheckField key={scope} label={words} value={scope} {...form.register("scopes")} />
          ))}
          {errors.scopes?.message && <Notice kind="bad">{errors.scopes.message}</Notice>}
        </fieldset>
        <SelectField label="Good for" error={errors.expires?.message} {...form.register("expires")}>
          {LIFETIMES.map((days) => (
            <option key={days} value={days}>
              {days} days
            </option>
          ))}
          <option value="">Until it is revoked</option>
        </SelectField>
        {problem.general && <Notice kind="bad">{problem.general}</Notice>}
        <div className={styles.buttons}>
          <Button type="submit" busy={isSubmitting}>
            Create token
          </Button>
          <Button look="quiet" onClick={props.onCancel}>
            Cancel
          </Button>
        </div>
      </Fields>
    </form>
  );
}
