import { valibotResolver } from "@hookform/resolvers/valibot";
import { useEffect } from "react";
import { useForm, useWatch } from "react-hook-form";
import type { Order } from "@/api/types";
import { Button } from "@/components/button";
import { Fields, Row, SelectField, TextField } from "@/components/field";
import { useFormProblem } from "@/components/form-problem";
import { Notice } from "@/components/notice";
import { countries, PROVINCES } from "@/lib/places";
import { useSetBilling } from "./api/set-billing";
import { billingSchema, draftOf, valuesOf, type BillingValues } from "./billing-schema";
import { forgetDraft, keepDraft, keptDraft } from "./draft";
import styles from "./checkout.module.css";

const COUNTRIES = countries();

/** Whom the bill is for. What was typed stays, also through signing in again. */
export function BillingForm(props: {
  order: Order;
  disabled: boolean;
  onSaved: () => void;
  onCancel: (() => void) | undefined;
}) {
  const { order } = props;
  const setBilling = useSetBilling(order.id);
  const form = useForm<BillingValues>({
    resolver: valibotResolver(billingSchema),
    criteriaMode: "all", // else what depends on two fields is told only after all others are right
    defaultValues: keptDraft(order.id) ?? valuesOf(order.billing),
  });
  const problem = useFormProblem(form);
  const { errors, isSubmitting } = form.formState;
  const country = useWatch({ control: form.control, name: "address.country" });
  const isCanada = country === "CA";

  useEffect(() => {
    return form.subscribe({
      formState: { values: true },
      callback: ({ values }) => keepDraft(order.id, structuredClone(values)),
    });
  }, [form, order.id]);

  async function submit(values: BillingValues): Promise<void> {
    problem.clear();
    try {
      await setBilling.mutateAsync(draftOf(values));
      forgetDraft(order.id);
      props.onSaved();
    } catch (error) {
      problem.show(error);
    }
  }

  const address = errors.address;
  return (
    <form noValidate onSubmit={(event) => void form.handleSubmit(submit)(event)}>
      <fieldset className={styles.fieldset} disabled={props.disabled}>
        <legend className="visually-hidden">Billing address</legend>
        <Fields>
          <TextField
            label="Full name"
            autoComplete="billing name"
            maxLength={200}
            error={errors.name?.message}
            {...form.register("name")}
          />
          <SelectField
            label="Country or region"
            autoComplete="billing country"
            error={address?.country?.message}
            {...form.register("address.country", {
              onChange: () => form.setValue("address.region", ""),
            })}
          >
            {COUNTRIES.map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </SelectField>
          <TextField
            label="Address line 1"
            autoComplete="billing address-line1"
            maxLength={200}
            error={address?.line1?.message}
            {...form.register("address.line1")}
          />
          <TextField
            label="Address line 2"
            autoComplete="billing address-line2"
            maxLength={200}
            optional
            error={address?.line2?.message}
            {...form.register("address.line2")}
          />
          <TextField
            label="City"
            autoComplete="billing address-level2"
            maxLength={200}
            error={address?.city?.message}
            {...form.register("address.city")}
          />
          <Row>
            {isCanada ? (
              <SelectField
                label="Province or territory"
                autoComplete="billing address-level1"
                error={address?.region?.message}
                {...form.register("address.region")}
              >
                <option value="">Choose…</option>
                {PROVINCES.map(([code, name]) => (
                  <option key={code} value={code}>
                    {name}
                  </option>
                ))}
              </SelectField>
            ) : (
              <TextField
                label="State or region"
                autoComplete="billing address-level1"
                maxLength={200}
                optional
                error={address?.region?.message}
                {...form.register("address.region")}
              />
            )}
            <TextField
              label="Postal code"
              autoComplete="billing postal-code"
              maxLength={20}
              error={address?.postal_code?.message}
              {...form.register("address.postal_code")}
            />
          </Row>
          {problem.general && <Notice kind="bad">{problem.general}</Notice>}
          <div className={styles.buttons}>
            <Button type="submit" busy={isSubmitting} disabled={props.disabled}>
              {order.billing ? "Save address" : "Continue to payment"}
            </Button>
            {props.onCancel && (
              <Button look="quiet" onClick={props.onCancel}>
                Keep the address
              </Button>
            )}
          </div>
        </Fields>
      </fieldset>
    </form>
  );
}
