import { Copy } from "lucide-react";
import { useToast } from "@/components/toast";
import styles from "./purchase.module.css";

/** An id, whole, and on the clipboard with one press. */
export function CopyId({ name, id }: { name: string; id: string }) {
  const toast = useToast();

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(id);
      toast(`${name} copied.`);
    } catch {
      toast("The browser does not let this page copy. Select it and copy it yourself.");
    }
  }

  return (
    <span className={styles.id}>
      <code>{id}</code>
      <button
        type="button"
        className={styles.copy}
        aria-label={`Copy ${name}`}
        title={`Copy ${name}`}
        onClick={() => void copy()}
      >
        <Copy aria-hidden="true" />
      </button>
    </span>
  );
}
