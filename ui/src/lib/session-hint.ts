// Whether asking who is signed in makes sense. The session's own cookie is out of reach of scripts,
// so that the server sets a second one beside it, without any secret: that there is a session at all.

const NAME = "signed-in";

/** While the pages come from Vite nobody sets it: always ask. */
export function mayBeSignedIn(): boolean {
  return import.meta.env.DEV || document.cookie.split("; ").includes(`${NAME}=1`);
}

/** What this tab has learned, for the other tabs and for the next look. */
export function keepHint(signedIn: boolean): void {
  const life = signedIn ? "" : "; max-age=0";
  document.cookie = `${NAME}=1; path=/; samesite=lax${life}`;
}
