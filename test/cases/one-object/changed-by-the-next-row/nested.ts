let before: any[] = [];
export default ({ id, tags }: any) => {
  before.push("changed");
  before = tags;
  return { id, tags };
};
