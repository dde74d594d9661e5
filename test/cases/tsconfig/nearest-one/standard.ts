function renamed(_: unknown, { kind, name }: { kind: string; name: string | symbol }): () => string {
  return () => `${kind} ${String(name)}`;
}
export class Standard {
  @renamed kind(): string {
    return "";
  }
}
