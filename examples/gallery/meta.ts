/** Meta: what an example says of itself, for the index, for the head of its page and for the tabs with its source. */
export interface Meta {
  /** The place in the index, from 1. */
  order: number;
  title: string;
  /** One sentence: what one does or sees there. */
  sentence: string;
  /** What of the paper it shows: `Figure 3`, `Section 4.1`. */
  paper?: string;
  /** The files worth reading, in order, relative to the example's folder. */
  files: readonly string[];
  /** Whether it fetches pictures from other sites: only then may the page connect to them. @default false */
  links?: boolean;
}
