const mask = process.umask().toString(8);
export default (r: any) => {
  try {
    process.umask(0);
  } catch (e) {
    return { id: r.id, mask, code: e.code };
  }
};
