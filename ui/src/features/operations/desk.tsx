import { useQuery } from "@tanstack/react-query";
import { NavLink, Outlet } from "react-router";
import { board } from "./api/board";
import styles from "./desk.module.css";
import { Count } from "./operations-link";

/** What surrounds the operator's pages: the ways between them. */
export function Component() {
  const { data } = useQuery(board);
  return (
    <div className={styles.desk}>
      <nav className={styles.nav} aria-label="Operations">
        <NavLink to="/operations" end>
          Purchases
        </NavLink>
        <NavLink to="/operations/board">
          Board <Count of={data?.findings.length ?? 0} />
        </NavLink>
      </nav>
      <Outlet />
    </div>
  );
}
