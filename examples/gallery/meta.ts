/** Meta: describes an example for the index, its page's head and its source tabs. */
export interface Meta {
  /** Position in the index, from 1. */
  order: number;
  title: string;
  /** One sentence that says what the visitor does or sees. */
  description: string;
  /** The part of the paper that it shows: `Figure 3`, `Section 4.1`. */
  paper?: string;
  /** Files worth reading, in order, relative to the example's folder. */
  files: readonly string[];
  /** Whether the page uses the network that the visitor chose: `loadNetwork()`. @default false */
  network?: boolean;
  /** Allows the page to fetch files from other sites. @default false */
  externalImages?: boolean;
}
