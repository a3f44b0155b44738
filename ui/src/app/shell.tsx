import { Suspense, useSyncExternalStore } from "react";
import { Outlet, ScrollRestoration, useNavigation } from "react-router";
import { useMe } from "@/api/get-me";
import { Logo } from "@/components/logo";
import { Loading } from "@/components/skeleton";
import { isAway, onReachability } from "@/lib/reachability";
import { Navigation } from "./navigation";
import styles from "./shell.module.css";
import { Link } from "react-router";

/** Before the first page's code is there. */
export function Opening() {
  return (
    <div className={styles.shell}>
      <header className={styles.header}>
        <span className={styles.brand}>
          <Logo />
          <span>Ticket Exchange</span>
        </span>
      </header>
      <div />
      <main className={styles.main}>
        <Loading what="the page" />
      </main>
    </div>
  );
}

/** What surrounds every page. */
export function Shell() {
  const user = useMe();
  const moving = useNavigation().state !== "idle";
  const away = useSyncExternalStore(onReachability, isAway);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      {moving && <div className={styles.progress} aria-hidden="true" />}
      <header className={styles.header}>
        <Link to="/" className={styles.brand} aria-label="Ticket Exchange, to the market">
          <Logo />
          <span aria-hidden="true">Ticket Exchange</span>
        </Link>
        <Navigation user={user} />
      </header>
      <div role="status" className={styles.banner}>
        {away && <p>Ticket Exchange does not answer right now. We keep trying.</p>}
      </div>
      <main id="main" tabIndex={-1} className={styles.main}>
        <Suspense>
          <Outlet />
        </Suspense>
      </main>
      <footer className={styles.footer}>
        <p>© {new Date().getFullYear()} Ticket Exchange</p>
        <Link to="/terms">Terms and conditions</Link>
      </footer>
      <ScrollRestoration />
    </div>
  );
}
