/** The training error that figure 1 counts the epochs to. */
export const TARGET_ERROR = 0.25;
