export const teardown = () => process.chdir("/tmp");
export default (r: any) => r;
