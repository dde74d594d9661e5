import { Standard } from "../standard.ts";
const seen: string[] = [];
const old = (_: object, name: string): void => void seen.push(`old ${name}`);
class Old {
  @old run(): void {}
}
export default ({ id }: { id: string }) => ({
  id,
  seen: seen.join(),
  standard: new Standard().kind(),
  old: new Old() instanceof Old,
});
