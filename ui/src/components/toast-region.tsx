import { Toast } from "@base-ui/react/toast";
import { CircleCheck, X } from "lucide-react";
import { useEffect } from "react";
import { take } from "@/lib/toasts";
import styles from "./toast.module.css";

const SHOWN_MS = 6_000;

/** Where toasts are. */
export default function ToastRegion() {
  return (
    <Toast.Provider timeout={SHOWN_MS}>
      <Toast.Portal>
        <Toast.Viewport className={styles.viewport}>
          <All />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function All() {
  const { toasts, add } = Toast.useToastManager();
  useEffect(
    () =>
      take((title) => {
        add({ title });
      }),
    [add],
  );
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className={styles.toast ?? ""}>
      <Toast.Content className={styles.content}>
        <CircleCheck aria-hidden="true" />
        <Toast.Title className={styles.title} render={<p />} />
        {/* All of them are spread out, so that it can be seen and reached at any time. */}
        <Toast.Close className={styles.close} aria-label="Dismiss" aria-hidden={false}>
          <X aria-hidden="true" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
