const squares: Record<number, number> = {};
export default ({ n }: any) => ({ n, square: (squares[n] ??= n * n) });
