export const version = "A";
