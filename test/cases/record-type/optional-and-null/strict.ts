export default ({ name, born }: { name: string; born: number }) => ({ name, born });
