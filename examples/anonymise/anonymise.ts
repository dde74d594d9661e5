// Replace what names a person by a keyed hash: the same person has the same code in every file, and without the key nobody can try
// out addresses. Pass the key by a file, not on the command line: --arg key-file=secret.txt. Other columns are reduced.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

interface Visit {
  email: string;
  ip: string;
  birthday: string;
  page: string;
}

export const setup = ({ args }: { args: Record<string, string> }) => {
  const file = args["key-file"];
  if (file === undefined) throw new Error("--arg key-file=FILE is missing");
  return readFileSync(file, "utf8").trim();
};

export default ({ email, ip, birthday, page }: Visit, ctx: { state: string }) => ({
  person: createHmac("sha256", ctx.state).update(email.toLowerCase()).digest("hex").slice(0, 16),
  network: ip.replace(/\.\d+$/, ".0"),
  born: birthday.slice(0, 4),
  page,
});
