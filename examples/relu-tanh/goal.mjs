/** GOAL: the share of wrong answers that figure 1 counts the epochs to. */
export const GOAL = 0.25;
