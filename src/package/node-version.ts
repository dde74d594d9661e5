/** What the package says to a Node that is too old for it. Imported before all else, which would fail in worse words. */
if (typeof Promise.withResolvers !== "function") {
  throw new Error(
    `The package rowmill needs Node 22 or later, or Bun 1.4.5 or later, and this is Node ${process.versions.node}`,
  );
}
