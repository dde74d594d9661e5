export default (row: { name: string }) => {
  name: row.name;
};
