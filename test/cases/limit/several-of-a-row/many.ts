export default ({ n }: { n: number }) =>
  n % 2 === 0
    ? null
    : [
        { n, k: 1 },
        { n, k: 2 },
        { n, k: 3 },
      ];
