import { CircleUser, Gauge, LogOut, Settings, Tag, TicketCheck } from "lucide-react";
import { useRef } from "react";
import { Link, useNavigate } from "react-router";
import { sentence } from "@/api/problem";
import { useSignedOut } from "@/api/signed-out";
import type { User } from "@/api/types";
import { useToast } from "@/components/toast";
import { useLogout } from "./log-out";
import styles from "./navigation.module.css";

const ID = "account-menu";

/** What is only somebody's own: opened, closed and left by the browser's own means. */
export function AccountMenu({ user }: { user: User }) {
  const panel = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const toast = useToast();
  const logout = useLogout();
  const signedOut = useSignedOut();
  const close = (): void => panel.current?.hidePopover();

  async function leave(): Promise<void> {
    if (logout.isPending) return;
    close();
    try {
      await logout.mutateAsync();
      await navigate("/");
      signedOut();
      toast("You are signed out.");
    } catch (error) {
      toast(sentence(error));
    }
  }

  return (
    <>
      <button type="button" className={styles.account} popoverTarget={ID} aria-label="Your account">
        <CircleUser aria-hidden="true" />
      </button>
      <div id={ID} ref={panel} popover="auto" className={styles.menu}>
        <p className={styles.who}>
          <span>Signed in as</span>
          <strong>{user.email}</strong>
        </p>
        <ul>
          <li>
            <Link to="/?mine=1" className={styles.item} onClick={close}>
              <Tag aria-hidden="true" /> Your listings
            </Link>
          </li>
          <li>
            <Link to="/orders" className={styles.item} onClick={close}>
              <TicketCheck aria-hidden="true" /> Your orders
            </Link>
          </li>
          {user.role === "operator" && (
            <li>
              <Link to="/operations" className={styles.item} onClick={close}>
                <Gauge aria-hidden="true" /> Operations
              </Link>
            </li>
          )}
          <li>
            <Link to="/account" className={styles.item} onClick={close}>
              <Settings aria-hidden="true" /> Account
            </Link>
          </li>
          <li>
            <button type="button" className={styles.item} onClick={() => void leave()}>
              <LogOut aria-hidden="true" /> Log out
            </button>
          </li>
        </ul>
      </div>
    </>
  );
}
