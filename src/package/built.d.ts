/** Files of the package that are made before the one that names them: test/package.ts puts them in place of these names. */
declare module "rowmill-built:worker" {
  const path: string;
  export default path;
}
declare module "rowmill-built:pool-worker" {
  const path: string;
  export default path;
}
declare module "rowmill-built:node-worker" {
  const text: string;
  export default text;
}
