// The first row of each e-mail address, whatever its case. What was seen is kept in a variable of the module, and each
// worker has its own: with one worker the result is right, so this transform asks for one. Without the line `options`
// Rowmill refuses to run it. For the first row of each group with all cores, see ../totals: fold instead of remembering.
interface Contact {
  name: string;
  email: string;
}

export const options = { jobs: 1 };

const seen = new Set<string>();

export default (contact: Contact) => {
  const key = contact.email.trim().toLowerCase();
  if (seen.has(key)) return null;
  seen.add(key);
  return contact;
};
