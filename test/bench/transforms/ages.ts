// Two of ten columns. Without a schema `born` is the text in the file; the subtraction reads it as a number.
export default ({ name, born }: { name: string; born: number }): object => ({ name, age: 2017 - born });
