import { valibotResolver } from "@hookform/resolvers/valibot";
import { Controller, useForm } from "react-hook-form";
import * as v from "valibot";
import type { Ticket, TicketDraft } from "@/api/types";
import { Button } from "@/components/button";
import { Fields, TextArea, TextField } from "@/components/field";
import { useFormProblem } from "@/components/form-problem";
import { Notice } from "@/components/notice";
import { fromLocalInput, toLocalInput } from "@/lib/dates";
import { formatMoney, parseMoney, typedMoney } from "@/lib/money";

const CURRENCY = "CAD";
const LOWEST = 50;
const HIGHEST = 50_000_000;

const schema = v.object({
  title: v.pipe(v.string(), v.trim(), v.nonEmpty("Give the ticket a title."), v.maxLength(200)),
  price: v.pipe(
    v.string(),
    v.check((typed) => parseMoney(typed) !== undefined, "Enter a price, such as 30 or 30.50."),
    v.check((typed) => (parseMoney(typed) ?? LOWEST) >= LOWEST, "Must be at least $0.50."),
    v.check((typed) => (parseMoney(typed) ?? HIGHEST) <= HIGHEST, "Must be at most $500,000."),
  ),
  venue: v.pipe(v.string(), v.maxLength(200)),
  starts_at: v.pipe(
    v.string(),
    v.check(
      (typed) => !typed || new Date(typed).getTime() > Date.now(),
      "Enter a date and time in the future.",
    ),
  ),
  seat: v.pipe(v.string(), v.maxLength(200)),
  description: v.pipe(v.string(), v.maxLength(5000)),
});
type Values = v.InferOutput<typeof schema>;

/** What a seller says about a ticket. */
export function TicketForm(props: {
  ticket?: Ticket;
  submit: string;
  save: (draft: TicketDraft) => Promise<unknown>;
}) {
  const form = useForm<Values>({
    resolver: valibotResolver(schema),
    defaultValues: valuesOf(props.ticket),
  });
  const problem = useFormProblem(form, { "price.amount": "price", "price.currency": "price" });
  const { errors, isSubmitting } = form.formState;

  async function save(values: Values): Promise<void> {
    problem.clear();
    try {
      await props.save(draftOf(values));
    } catch (error) {
      problem.show(error);
    }
  }

  return (
    <form noValidate onSubmit={(event) => void form.handleSubmit(save)(event)}>
      <Fields>
        <TextField
          label="Title"
          placeholder="Soccer Match"
          autoComplete="off"
          maxLength={200}
          error={errors.title?.message}
          {...form.register("title")}
        />
        <Controller
          name="price"
          control={form.control}
          render={({ field }) => (
            <TextField
              label={`Price (${CURRENCY})`}
              placeholder="30.00"
              inputMode="decimal"
              autoComplete="off"
              prefix="$"
              error={errors.price?.message}
              {...field}
              onBlur={() => {
                field.onChange(tidy(field.value));
                field.onBlur();
              }}
            />
          )}
        />
        <TextField
          label="Venue"
          placeholder="Massey Hall, Toronto"
          maxLength={200}
          optional
          error={errors.venue?.message}
          {...form.register("venue")}
        />
        <TextField
          label="Date and time"
          type="datetime-local"
          optional
          hint="In your own time zone."
          error={errors.starts_at?.message}
          {...form.register("starts_at")}
        />
        <TextField
          label="Seat"
          placeholder="Row C, seat 2"
          maxLength={200}
          optional
          error={errors.seat?.message}
          {...form.register("seat")}
        />
        <TextArea
          label="Description"
          maxLength={5000}
          optional
          error={errors.description?.message}
          {...form.register("description")}
        />
        {problem.general && <Notice kind="bad">{problem.general}</Notice>}
        <Button type="submit" wide busy={isSubmitting}>
          {props.submit}
        </Button>
      </Fields>
    </form>
  );
}

/** "30" becomes "30.00"; what is no amount stays for its message. */
function tidy(typed: string): string {
  const minor = parseMoney(typed);
  if (minor === undefined) return typed;
  return formatMoney({ amount: minor, currency: CURRENCY }).replace(/^\$/, "");
}

function valuesOf(ticket: Ticket | undefined): Values {
  return {
    title: ticket?.title ?? "",
    price: ticket ? typedMoney(ticket.price.amount) : "",
    venue: ticket?.venue ?? "",
    starts_at: ticket?.starts_at ? toLocalInput(ticket.starts_at) : "",
    seat: ticket?.seat ?? "",
    description: ticket?.description ?? "",
  };
}

function draftOf(values: Values): TicketDraft {
  return {
    title: values.title,
    price: { amount: parseMoney(values.price) ?? 0, currency: CURRENCY },
    venue: values.venue || null,
    starts_at: fromLocalInput(values.starts_at) ?? null,
    seat: values.seat || null,
    description: values.description || null,
  };
}
