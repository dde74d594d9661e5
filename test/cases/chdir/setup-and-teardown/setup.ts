export const setup = () => process.chdir("/tmp");
export default (r: any) => r;
