import { useState } from "react";
import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { Problem, sentence } from "@/api/problem";

/**
 * Puts what the API finds wrong at the fields it belongs to; what belongs to none of them is the
 * form's. `names` gives the form's name for a field that the API calls otherwise.
 */
export function useFormProblem<Values extends FieldValues>(
  form: UseFormReturn<Values>,
  names: Record<string, Path<Values>> = {},
) {
  const [general, setGeneral] = useState<string>();

  function show(error: unknown): void {
    const left: string[] = [];
    const fields = error instanceof Problem ? error.fields : [];
    for (const { field, message } of fields) {
      const name = names[field] ?? (field as Path<Values>);
      if (has(form.getValues(), name)) form.setError(name, { message }, { shouldFocus: true });
      else left.push(message);
    }
    setGeneral(fields.length > 0 ? left.join(" ") || undefined : sentence(error));
  }

  return { general, show, clear: () => setGeneral(undefined) };
}

function has(values: FieldValues, name: string): boolean {
  let value: unknown = values;
  for (const part of name.split(".")) {
    if (typeof value !== "object" || value === null || !(part in value)) return false;
    value = (value as Record<string, unknown>)[part];
  }
  return true;
}
