import { chdir } from "node:process";
export default (r: any) => {
  chdir("/");
  return r;
};
