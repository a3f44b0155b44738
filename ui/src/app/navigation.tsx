import { Plus } from "lucide-react";
import { lazy, Suspense } from "react";
import { NavLink } from "react-router";
import type { User } from "@/api/types";
import { AccountMenu } from "./account-menu";
import styles from "./navigation.module.css";

const OperationsLink = lazy(() => import("@/features/operations/operations-link"));

/** The ways from anywhere. Nothing is shown until it is known whether somebody is signed in. */
export function Navigation({ user }: { user: User | null | undefined }) {
  return (
    <nav className={styles.nav} aria-label="Main">
      {user === null && (
        <>
          <NavLink to="/register">Register</NavLink>
          <NavLink to="/login" className={styles.strong ?? ""}>
            Log in
          </NavLink>
        </>
      )}
      {user && (
        <>
          <NavLink to="/tickets/create" className={styles.strong ?? ""}>
            <Plus aria-hidden="true" /> Sell
          </NavLink>
          <NavLink to="/orders">Orders</NavLink>
          {user.role === "operator" && (
            <Suspense>
              <OperationsLink />
            </Suspense>
          )}
          <AccountMenu user={user} />
        </>
      )}
    </nav>
  );
}
