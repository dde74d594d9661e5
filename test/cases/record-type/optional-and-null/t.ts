type Person = { name: string; died?: number; prize: number | null };

export default ({ name, died, prize }: Person) => ({ name: `<${name}>`, died: typeof died, prize: String(prize) });
