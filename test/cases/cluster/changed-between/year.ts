export const year = 2017;
