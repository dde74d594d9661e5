const year = 2017;

export default ({ name, born }: { name: string; born: number }): object => ({ name, age: year - born });
