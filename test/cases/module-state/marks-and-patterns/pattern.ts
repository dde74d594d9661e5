const WORD = /a/g;
export default ({ id }: any) => ({ id, is: WORD.test(id) });
