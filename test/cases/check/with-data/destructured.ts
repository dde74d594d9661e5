export default ({ name, born, prize }) => ({ name, born, prize });
