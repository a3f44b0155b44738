/** Two tickets changing places. */
export function Logo() {
  return (
    <svg viewBox="0 0 64 64" aria-hidden="true">
      <g fill="none" stroke="currentColor" strokeWidth="5" strokeLinecap="round">
        <path d="M8 27v-6A13 13 0 0 1 21 8h7" />
        <path d="M56 37v6a13 13 0 0 1-13 13h-7" />
      </g>
      <circle cx="46" cy="18" r="11" fill="currentColor" />
      <circle cx="18" cy="46" r="11" fill="currentColor" />
    </svg>
  );
}
