import { Fragment } from "react";

const MARKS = /(\*\*[^*\n]+\*\*|`[^`\n]+`)/;

/**
 * What a workflow says about itself. Of its Markdown only bold and code mean something here;
 * everything else, links and HTML among it, is shown as the text that it is.
 */
export function Words({ children }: { children: string }) {
  return children.split(MARKS).map((part, index) => {
    if (index % 2 === 0) return <Fragment key={index}>{part}</Fragment>;
    if (part.startsWith("`")) return <code key={index}>{part.slice(1, -1)}</code>;
    return <strong key={index}>{part.slice(2, -2)}</strong>;
  });
}
