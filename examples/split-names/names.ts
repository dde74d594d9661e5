// Split a column in several: "Lovelace, Ada" and "Ada King Lovelace" become first and last name; one word is a last name.
const PARTICLES = new Set(["van", "von", "de", "der", "da", "di"]);

export default ({ name, ...others }: { name: string }) => {
  const [before = "", behind] = name.split(",", 2).map((part) => part.trim());
  if (behind !== undefined) return { first: behind, last: before, ...others };
  const words = before.split(/\s+/);
  // A last name begins with its particles: Ludwig van Beethoven.
  let at = words.length - 1;
  while (at > 1 && PARTICLES.has(words[at - 1] ?? "")) at--;
  return { first: words.slice(0, at).join(" "), last: words.slice(at).join(" "), ...others };
};
