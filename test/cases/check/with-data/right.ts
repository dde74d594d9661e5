export default ({ name, born, died }) => ({ name, age: (died ?? 2017) - born });
