interface Scientist {
  name: string;
  born: number;
}

export default ({ name, born }: Scientist) => ({ name, age: 2017 - born });
