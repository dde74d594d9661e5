// Every column passed on and one more.
export default (r: { born: number }): object => ({ ...r, age: 2017 - r.born });
