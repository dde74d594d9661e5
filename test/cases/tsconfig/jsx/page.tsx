const h = (tag: string, _: unknown, ...inside: string[]): string => `<${tag}>${inside.join("")}</${tag}>`;
export const page = (name: string) => <p>Hello {name}</p>;
