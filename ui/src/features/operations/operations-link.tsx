import { useQuery } from "@tanstack/react-query";
import { NavLink } from "react-router";
import { board } from "./api/board";
import styles from "./desk.module.css";

const AGAIN_MS = 60_000;

/** The way to the operator's pages, from anywhere, and how much waits for a person there. */
export default function OperationsLink() {
  const { data } = useQuery({ ...board, refetchInterval: AGAIN_MS });
  return (
    <NavLink to="/operations" className={styles.link ?? ""}>
      Operations <Count of={data?.findings.length ?? 0} />
    </NavLink>
  );
}

/** How many findings are open; nothing when none is. */
export function Count({ of: count }: { of: number }) {
  if (count === 0) return null;
  return (
    <span>
      <span className={styles.count}>
        {count}
        <span className="visually-hidden">{count === 1 ? " finding" : " findings"}</span>
      </span>
    </span>
  );
}
