import { page } from "./page.tsx";
export default ({ name }: { name: string }) => ({ page: page(name) });
