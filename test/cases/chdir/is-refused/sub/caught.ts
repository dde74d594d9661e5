export default (r: any) => {
  try {
    process.chdir(import.meta.dir);
  } catch (e) {
    return { id: r.id, code: e.code };
  }
};
