const COLORS = ["red", "blue"];
let unused = 0;
export default ({ n }: any) => ({ color: COLORS[n % 2], rest: [...COLORS].sort().length });
export function teardown() {
  unused++;
}
