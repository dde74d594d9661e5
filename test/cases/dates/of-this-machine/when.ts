export default ({ at: when }: { at: string }) => ({ y: new Date(when).getTime() });
