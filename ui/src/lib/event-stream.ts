const REOPEN_MS = 5_000;

interface Listeners {
  /** What to do with a message, by its name. Return "end" to hear nothing more. */
  on: Record<string, (data: string) => "end" | undefined>;
  /** The stream (re)opened: something may have been missed before. */
  opened?: () => void;
  /** The server refused the stream; it is tried again later. */
  refused?: () => void;
}

/**
 * Listen to Server-Sent Events while the page is looked at. A hidden page lets go of its connection
 * (a browser has few per site) and opens it again when it is looked at. Returns the way out.
 */
export function listen(url: string, { on, opened, refused }: Listeners): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;

  function open(): void {
    clearTimeout(timer);
    if (source || ended || document.hidden) return;
    const opening = new EventSource(url);
    source = opening;
    opening.onopen = () => opened?.();
    opening.onerror = () => {
      if (opening.readyState !== EventSource.CLOSED) return; // the browser reconnects by itself
      close();
      refused?.();
      timer = setTimeout(open, REOPEN_MS);
    };
    for (const [name, handle] of Object.entries(on)) {
      opening.addEventListener(name, (event: MessageEvent<string>) => {
        if (handle(event.data) === "end") stop();
      });
    }
  }

  function close(): void {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  }

  function followVisibility(): void {
    if (document.hidden) close();
    else open();
  }

  function stop(): void {
    ended = true;
    close();
    document.removeEventListener("visibilitychange", followVisibility);
  }

  document.addEventListener("visibilitychange", followVisibility);
  open();
  return stop;
}
