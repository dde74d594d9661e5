// Every column, each by its name.
interface Row {
  id: string;
  name: string;
  born: string;
  city: string;
  country: string;
  email: string;
  address: string;
  score: string;
  note: string;
  updated: string;
}
export default ({ id, name, born, city, country, email, address, score, note, updated }: Row): Row => ({
  id,
  name,
  born,
  city,
  country,
  email,
  address,
  score,
  note,
  updated,
});
