/** The bill of materials, in the form of CycloneDX 1.6: what the executables are made of. */
import { bundledPackages } from "./bundled.ts";
import { ROOT, type Release } from "./plan.ts";

function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** One license, or an expression of several. */
function licenceOf(license: string): object {
  return / (?:OR|AND|WITH) /.test(license) ? { expression: license } : { license: { id: license } };
}

export function billOfMaterials({ version, description, license, seconds }: Release): string {
  const own = purl("rowmill", version);
  const runtime = purl("bun", Bun.version);
  const packages = bundledPackages(ROOT);
  const references = new Map(packages.map((one) => [one.name, purl(one.name, one.version)]));
  const component = (type: string, facts: { name: string; version: string; license: string }): object => ({
    type,
    "bom-ref": purl(facts.name, facts.version),
    name: facts.name,
    version: facts.version,
    licenses: [licenceOf(facts.license)],
    purl: purl(facts.name, facts.version),
  });
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: new Date(seconds * 1000).toISOString(),
      component: { ...component("application", { name: "rowmill", version, license }), description },
    },
    components: [
      component("platform", { name: "bun", version: Bun.version, license: "MIT" }),
      ...packages.map((one) => component("library", one)),
    ],
    dependencies: [
      { ref: own, dependsOn: [runtime, ...references.values()] },
      { ref: runtime, dependsOn: [] },
      ...packages.map((one) => ({
        ref: references.get(one.name),
        dependsOn: one.dependencies.map((name) => references.get(name)),
      })),
    ],
  };
  // The same bill has the same number.
  const digest = new Bun.CryptoHasher("sha256").update(JSON.stringify(bill)).digest("hex");
  const serial = digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-5$3-8$4-$5");
  const { bomFormat, specVersion, ...others } = bill;
  return `${JSON.stringify({ bomFormat, specVersion, serialNumber: `urn:uuid:${serial}`, ...others }, undefined, 2)}\n`;
}
