import { Plus } from "lucide-react";
import { NavLink } from "react-router";
import type { User } from "@/api/types";
import { AccountMenu } from "./account-menu";
import styles from "./navigation.module.css";

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
          <AccountMenu user={user} />
        </>
      )}
    </nav>
  );
}
