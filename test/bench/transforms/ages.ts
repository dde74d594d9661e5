// Two of ten columns.
export default ({ name, born }: { name: string; born: number }): object => ({ name, age: 2017 - born });
