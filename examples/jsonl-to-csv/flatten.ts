// JSON lines with nested objects and lists become a table. The columns are named here, so that they do not depend on which keys the
// first row has; what is missing is empty.
interface Event {
  id: number;
  user: { name: string; address?: { city?: string } };
  tags?: string[];
}

export const columns = ["id", "user", "city", "tags"];
export const options = { to: "csv" };

export default ({ id, user, tags = [] }: Event) => ({
  id,
  user: user.name,
  city: user.address?.city,
  tags: tags.join(" "),
});
