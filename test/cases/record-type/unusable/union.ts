export default (row: { name: string } | { title: string }) => row;
