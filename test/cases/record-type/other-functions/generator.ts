export default function* ({ born }: { born: number }) {
  yield { next: born + 1 };
  yield { next: born + 2 };
}
