import { readRows } from "rowmill";

const cities = readRows(new URL("./cities.csv", import.meta.url));

export default ({ city }: { city: number }) => cities.find(({ id }) => id === city);
