// Ages of all rows of a batch at once.
interface Person {
  name: string;
  born: string;
}

export const batch: (people: Person[]) => { name: string; age: number }[] = (people) =>
  people.map(({ name, born }) => ({ name, age: 2017 - Number(born) }));
