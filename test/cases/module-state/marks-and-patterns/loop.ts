const WORD = /a/g;
export default ({ id }: any) => {
  let times = 0;
  while (WORD.exec(id) !== null) times++;
  return { id, times, rest: id.replace(WORD, "") };
};
